import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLogGuard } from '../../src/runtime/log-guard.ts';

test.each([
  ['550 <jane.roe@guest.example> is unknown', '550 <[address]> is unknown'],
  ['Ünal@bücher.example and o%2Bneil%40guest.example', '[address] and [address]'],
  ['connect smtp://bot:p%40ss@mail.example.com:587 failed', 'connect smtp://[login]@mail.example.com:587 failed'],
  ['postgres://webkasa:hunter2@db/webkasa', 'postgres://[login]@db/webkasa'],
  ['token xoxb-1234-abcdef and xapp-1-A0-abc, Bearer eyJhbGciOiJ.x.y', 'token [secret] and [secret], [secret]'],
  ['{"delivery":"dl_1@x","path":"/webhooks/webkasa"}', '{"delivery":"dl_1@x","path":"/webhooks/webkasa"}'],
])('%s', (line, guarded) => {
  expect(createLogGuard()(line)).toBe(guarded);
});

test('what ids, times and paths say stays', () => {
  const line =
    '{"level":30,"time":"2027-01-15T10:30:00.000Z","webhook":"wh_evt_1","channel":"#bookings","msg":"routed"}\n';
  expect(createLogGuard(['short', 'a-long-secret'])(line)).toBe(line);
});

test('no secret survives, whatever is around it and whatever it is made of', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 12, maxLength: 40 }), fc.string(), fc.string(), (secret, before, after) => {
      fc.pre(!'[secret][login][address]'.includes(secret));
      const guard = createLogGuard([secret]);
      expect(guard(`${before}${secret}${after}`)).not.toContain(secret);
      expect(guard(JSON.stringify({ msg: `${before}${secret}` }))).not.toContain(JSON.stringify(secret).slice(1, -1));
    }),
  );
});

test('a long line of the worst kind takes no time', () => {
  const began = process.cpuUsage();
  createLogGuard()(`://${'a.'.repeat(200_000)}@${'b-'.repeat(200_000)}`);
  expect(process.cpuUsage(began).user / 1000).toBeLessThan(2_000);
});
