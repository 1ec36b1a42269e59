import fc from 'fast-check';
import { expect, test } from 'vitest';
import { subjectAfter, topicOf } from '../../../src/deliver/email/subject.ts';
import { hostileText } from '../../support/hostile.ts';
import { tempStore } from '../../support/temp.ts';
import { channelTo, delivery, tools } from './channel.ts';
import { serve } from './mails.ts';

/** The base subject of RFC 5256 §2.1, by its own steps. */
const baseSubject = (subject: string): string => {
  const trailer = /(?:\(fwd\)|[ \t])$/i;
  const leader = /^(?:[ \t]|(?:\[[^[\]]*\][ \t]*)*(?:re|fwd?)[ \t]*(?:\[[^[\]]*\][ \t]*)?:)/i;
  let text = subject.replace(/[\t\r\n ]+/g, ' ');
  for (;;) {
    while (trailer.test(text)) text = text.replace(trailer, '');
    for (let before = ''; before !== text; ) {
      before = text;
      while (leader.test(text)) text = text.replace(leader, '');
      text = text.replace(/^\[[^[\]]*\][ \t]*(?=.)/s, '');
    }
    const forwarded = /^\[fwd:(.*)\]$/is.exec(text)?.[1];
    if (forwarded === undefined) return text;
    text = forwarded;
  }
};

const TAGS = ['[Requested for Mon, Feb 15]', '[Confirmed for Mon, Feb 15]', '[Moved to Tue, Feb 16]', '[Cancelled]'];
const title = fc.oneof(
  fc.constantFrom('', '-'),
  hostileText,
  fc.constantFrom(
    'Re: Fwd:',
    '(fwd)',
    '[x] [y]',
    '[fwd: z]',
    '] Re:',
    'a: b',
    '=?utf-8?Q?=5BA=5D?=',
    '⁨',
    'x'.repeat(119),
  ),
  fc
    .array(fc.constantFrom('[', ']', 're', 'fwd', ':', ' ', '(fwd)', '=?', 'e\u0301', '👩‍👩‍👧', 'Fitting'), {
      maxLength: 60,
    })
    .map((parts) => parts.join('')),
);
/** As the templates write it, which name the sender where there is no title. */
const about = (words: string): string => {
  if (words === '-') return 'Your booking with Studio: Łódź';
  return words ? `Your booking: ${words}` : 'Your booking';
};

test('what is left without tags is the same for all mails of a booking, whatever title each of them knows', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(...TAGS), title), { minLength: 2, maxLength: 5 }), (mails) => {
      const subjects: string[] = [];
      for (const [tag, words] of mails) subjects.push(subjectAfter(subjects[0], `${tag} ${about(words)}`));
      expect(new Set(subjects.map(baseSubject)).size).toBe(1);
      expect(subjects.map((subject) => subject.slice(0, subject.indexOf(']') + 1))).toEqual(mails.map(([tag]) => tag));
      expect(new Set(subjects.map(topicOf)).size).toBe(1);
      for (const subject of subjects) {
        expect(subject).not.toMatch(/[\r\n\t]|=\?/);
        expect(subject.length).toBeLessThan(6_000);
      }
    }),
    { numRuns: 500 },
  );
});

test('what a first mail said is not cut anew in the next one', () => {
  const first = subjectAfter(undefined, `[Moved] Your booking: ${'x'.repeat(500)}`);
  const next = subjectAfter(first, `[Confirmed for Monday, February 15] Your booking: ${'y'.repeat(500)}`);
  expect(next.replace(/^\[.*?\] /, '')).toBe(first.replace('[Moved] ', ''));
  expect(first.length).toBeLessThan(150);
});

test.each([
  ['[Moved] Your booking: Fitting', 'Your booking is cancelled', 'a subject without a tag'],
  ['Your request', '[Cancelled] Your booking: Fitting', 'one after a subject without a tag'],
  ['[Studio] We have your request', '[Studio] Your booking is confirmed', 'one of which the tag names the sender'],
  ['[Studio] We have your request: Fitting', '[Studio] You are booked: Fitting', 'the same with a title'],
  ['[Moved] Your booking: a', '[Moved] Your bookings: b', 'one about something else'],
  ['[Moved] Your booking', '[] Your booking: x', 'one with an empty tag'],
  ['[Moved] Your booking', '[Cancelled]', 'nothing but a tag'],
  ['[Moved] Your booking: a', `[${'x'.repeat(81)}] Your booking: b`, 'a sentence in brackets'],
])('after %j, %j stays as it is: %s', (first, subject) => {
  expect(subjectAfter(first, subject)).toBe(subject);
});

test('mails of a booking arrive under one subject but for their tags, and under one topic', async () => {
  const server = await serve();
  const template = (name: string, tag: string) => ({
    name,
    render: ({ data }: { data: Readonly<Record<string, unknown>> }) => ({
      subject: `${tag} ${about(String(data.title ?? ''))}`,
      html: '<p>Hello</p>',
      text: 'Hello',
    }),
  });
  const templates = new Map(TAGS.map((tag, index) => [`t${index}`, template(`t${index}`, tag)]));
  const channel = await channelTo(server.url, { store: await tempStore(), templates: () => templates });
  const titles = ['Brows & lashes [new]\r\nBcc: eve@evil.example (fwd)', undefined, 'Ünïcode '.repeat(40), 'Fitting'];
  const planned = titles.map((words, index) =>
    delivery(
      { template: `t${index}` },
      {
        id: `dl_${index}`,
        version: index,
        webhook: { id: `wh_${index}`, type: 'booking.confirmed', data: { id: 'bk_1', title: words } },
      },
    ),
  );
  for (const mail of planned) {
    const told = await channel.perform(mail, tools);
    expect(await channel.fingerprint(mail)).toBe(told.fingerprint);
  }
  const mails = await server.parsed();
  const root = 'Your booking: Brows & lashes [new] Bcc: eve@evil.example (fwd)';
  expect(mails.map(({ subject }) => subject)).toEqual(TAGS.map((tag) => `${tag} ${root}`));
  expect(mails.map(({ headers }) => headers.get('thread-topic'))).toEqual(TAGS.map(() => root));
});

test("a rule's own subject is said as it stands, tag or not", async () => {
  const server = await serve();
  const channel = await channelTo(server.url);
  for (const [index, subject] of ['[Studio] Your booking: one', '[New] Your booking: two'].entries()) {
    const webhook = { id: `wh_${index}`, type: 'booking.confirmed', data: { id: 'bk_1' } };
    await channel.perform(delivery({ subject }, { id: `dl_${index}`, webhook }), tools);
  }
  expect((await server.parsed()).map(({ subject }) => subject)).toEqual([
    '[Studio] Your booking: one',
    '[New] Your booking: two',
  ]);
});
