import { expect, test } from 'vitest';
import { DeliveryError } from '../../../src/core/errors.ts';
import { classifyMailError } from '../../../src/deliver/email/classify.ts';

const failed = (fields: { message?: string } & Record<string, unknown>): Error =>
  Object.assign(new Error(fields.message ?? 'failed'), fields);

const answered = (command: string, code: string, response: string): Error =>
  failed({ command, code, response, responseCode: Number(response.slice(0, 3)) });

test.each([
  [
    'a daily limit, though it comes as a 550',
    answered('DATA', 'EMESSAGE', '550 5.4.5 Daily limit'),
    'retry',
    'over_quota',
  ],
  ['throttling', answered('DATA', 'EMESSAGE', '454 Throttling failure'), 'retry', 'deferred'],
  ['a session out of step', answered('RCPT TO', 'EENVELOPE', '503 Bad sequence'), 'retry', 'deferred'],
  [
    'a mail too big, said early',
    answered('MAIL FROM', 'EENVELOPE', '552 5.3.4 Too big'),
    'permanent',
    'message_refused',
  ],
  ['STARTTLS refused', answered('STARTTLS', 'ETLS', '502 not here'), 'channel', 'tls_failed'],
  ['a login refused for good', answered('AUTH PLAIN', 'EAUTH', '535 5.7.8 no'), 'channel', 'login_refused'],
  ['a login too weak', answered('RCPT TO', 'EENVELOPE', '534 5.7.9 app password'), 'channel', 'login_refused'],
  ['a login put off', answered('AUTH PLAIN', 'EAUTH', '421 too many'), 'retry', 'deferred'],
  ['no password in the URL', failed({ code: 'EAUTH', message: 'Missing credentials' }), 'channel', 'login_refused'],
  ['a bad sender', failed({ code: 'EENVELOPE', message: 'Invalid sender "x"' }), 'channel', 'sender_refused'],
])('%s', (_name, error, verdict, code) => {
  expect(classifyMailError(error)).toMatchObject({ verdict, code, unclear: false });
});

test.each([
  ['EDNS', { code: 'EDNS', message: 'queryA ENOTFOUND mail.invalid' }, 'unknown_host'],
  ['ETIMEDOUT', { code: 'ETIMEDOUT', message: 'Connection timeout' }, 'timeout'],
  ['ESOCKET', { code: 'ESOCKET', originalCode: 'ECONNREFUSED' }, 'unreachable'],
  ['ESOCKET', { code: 'ESOCKET', originalCode: 'EHOSTUNREACH' }, 'unreachable'],
  ['nothing known', {}, 'unreachable'],
])('a failure before the mail (%s) is tried again with nothing unclear', (_name, fields, code) => {
  expect(classifyMailError(failed(fields), { begun: false })).toMatchObject({ verdict: 'retry', code, unclear: false });
});

test.each([['ECONNECTION'], ['ETIMEDOUT'], ['ESOCKET'], [undefined]])(
  'a failure without a reply after the mail was begun (%s) is unclear',
  (code) => {
    expect(classifyMailError(failed({ code }))).toMatchObject({ verdict: 'retry', unclear: true });
  },
);

test("words of a recipient's server can't stop the mail of everybody else", () => {
  for (const words of [
    '5.7.1 Relay access denied',
    'Authentication required',
    '5.7.8 Sender refused',
    '5.7.60 SMTP; STARTTLS',
  ]) {
    expect(classifyMailError(answered('RCPT TO', 'EENVELOPE', `550 ${words}`)).verdict).toBe('permanent');
  }
});

test.each([
  ['RCPT TO', '552 5.2.2 mailbox full', 'mailbox_full', 'Retry later'],
  ['DATA', '552 5.2.2 mailbox full', 'mailbox_full', 'Retry later'],
  ['RCPT TO', '550 5.7.1 policy', 'refused_by_policy', 'SPF, DKIM'],
  ['DATA', '550 5.7.1 policy', 'refused_by_policy', 'SPF, DKIM'],
  ['RCPT TO', '550 5.7.1 Relay access denied', 'relay_refused', 'SMTP_URL'],
  ['RCPT TO', '550 5.1.1 gone', 'unknown_address', 'written correctly'],
])('%s answered with %s is told by its own code, with advice that fits', (command, reply, code, advice) => {
  const failure = classifyMailError(answered(command, command === 'DATA' ? 'EMESSAGE' : 'EENVELOPE', reply));
  expect(failure).toMatchObject({ code, verdict: 'permanent', unclear: false });
  expect(failure.message).toContain(advice);
});

test('any thrown thing becomes a DeliveryError, and one that is stays itself', () => {
  for (const thrown of [undefined, null, 'text', 7, {}, { code: 5, response: {} }]) {
    expect(classifyMailError(thrown)).toMatchObject({ name: 'DeliveryError', verdict: 'retry' });
  }
  const own = new DeliveryError('no_template', 'none', { verdict: 'permanent' });
  expect(classifyMailError(own)).toBe(own);
});
