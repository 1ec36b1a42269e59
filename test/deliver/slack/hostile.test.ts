import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { SLACK_STYLES } from '../../../src/core/rule.ts';
import type { Webhook } from '../../../src/core/webhook.ts';
import { SAMPLES } from '../../../src/samples/index.ts';
import { hostileAddress, hostileText, hostileValue } from '../../support/hostile.ts';
import { type SlackApi, startSlackApi } from '../../support/slack-api.ts';
import { channelTo } from '../../support/slack-channel.ts';
import { unhurried } from '../../support/slack-delivery.ts';
import { aCardDelivery, told } from '../../support/slack-told.ts';
import { tempStore } from '../../support/temp.ts';

/** What the bot itself may write in angle brackets: a time, and a link whose text and address hold none. */
const OURS = /<!date\^\d+\^[^<>|^]+\|[^<>|]+>|<https?:\/\/[^<>|\s]+\|[^<>|]+>/g;

/** Everything of a message that Slack parses. */
const parsedIn = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(parsedIn);
  if (typeof value !== 'object' || value === null) return [];
  const { type, text } = value as { type?: unknown; text?: unknown };
  return type === 'mrkdwn' ? [String(text)] : Object.values(value).flatMap(parsedIn);
};

const expectHarmless = (api: SlackApi): void => {
  for (const { text, blocks } of api.posts) {
    expect(text.trim()).not.toBe('');
    for (const parsed of [text, ...parsedIn(blocks)]) expect(parsed.replace(OURS, '')).not.toMatch(/[<>]/);
  }
};

const data = fc.record(
  {
    attendee_name: hostileValue,
    attendee_email: hostileValue,
    attendee_phone: hostileValue,
    title: hostileValue,
    location: hostileAddress,
    meeting_url: hostileAddress,
    url: hostileAddress,
    notes: hostileValue,
    status: hostileValue,
    guest_count: hostileValue,
    slots: fc.oneof(hostileValue, fc.integer()),
    timezone: hostileValue,
    start_time: hostileValue,
  },
  { requiredKeys: [] },
);

const rerun = fc.option(
  hostileText.map((name) => ({ by: { id: 'U1', name, via: 'slack' as const }, at: Date.UTC(2027, 0, 16) })),
);

/** The same thing twice, the second time changed, so that a card is posted, updated and replied to. */
const twice = fc.record({
  sample: fc.constantFrom(...Object.values(SAMPLES)),
  id: fc.oneof(hostileText, fc.constant('id_1'), fc.integer()),
  changes: fc.tuple(data, data),
  event: fc.option(data),
  as: fc.constantFrom(...SLACK_STYLES),
  interactive: fc.boolean(),
  movedFrom: fc.option(hostileText),
  odd: hostileText,
  again: rerun,
});

// The stand-in refuses what Slack refuses, so every message that gets through is one that Slack accepts.
test('whatever attendees type, every message is taken, and holds no token but our own', async () => {
  const store = await tempStore();
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(twice, async ({ sample, id, changes, event, as, interactive, movedFrom, odd, again }) => {
      runs += 1;
      const api = await startSlackApi({
        unlimited: true,
        channels: [{ id: `C0ODD${runs}`, name: 'odd', member: true }],
      });
      const channel = await channelTo(api.url, { store, interactive });
      const current = async () => ({ channel, died: new Promise<never>(() => undefined) });
      const types = [sample.type, `${sample.type}${odd}`];
      for (const [index, change] of changes.entries()) {
        const webhook: Webhook = {
          id: `wh_${runs}_${index}`,
          type: types[index] ?? '',
          created_at: new Date(Date.UTC(2027, 0, 15, 10, index)).toISOString(),
          data: { ...Object(sample.data), ...change, ...(id !== '' && { id }), event_id: odd },
        };
        const template = sample.type.split('.')[0] ?? '';
        const delivery = { id: `dl_${runs}_${index}`, movedFrom, event, rerun: index === 1 ? again : null };
        await told(aCardDelivery(webhook, { as, channel: `C0ODD${runs}`, template }, delivery), current);
      }
      expectHarmless(api);
      expect(api.posts.length).toBeGreaterThan(0);
      await api.close();
    }),
    { numRuns: 120 },
  );
}, 60_000);

test('a summary of webhooks of whatever type is taken, and holds no token but our own', async () => {
  const api = await startSlackApi({ unlimited: true });
  onTestFinished(() => api.close());
  const channel = await channelTo(api.url);
  channel.admit?.(
    Array.from({ length: 60 }, (_, index) => ({ id: `dl_${index}`, destination: 'slack:#bookings' })),
    Date.now(),
  );
  // The most frequent are named in it.
  const types = [
    ...['<!channel>', '<@U1>', '<https://evil.example|x>'].flatMap((odd) => [odd, odd, odd]),
    ...fc.sample(hostileText, 51),
  ];
  const perform = (odd: string, index: number) =>
    channel.perform(
      aCardDelivery(
        { id: `wh_${index}`, type: `booking.${odd}`, data: { id: `bk_${index}` } },
        {},
        { id: `dl_${index}` },
      ),
      unhurried(),
    );
  await Promise.all(types.map(perform));
  expect(api.posts).toHaveLength(1);
  expect(api.posts[0]?.text).toMatch(/^📦 60 webhooks at once: /);
  expectHarmless(api);
});
