import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SlackAnswer } from '../../../src/slack/view/answer.ts';
import { blockProblems, blocksTooLong } from '../../support/slack-api-blocks.ts';
import { viewProblems } from '../../support/slack-app-views.ts';
import { everyAnswer, everyDialog, type Say } from './everything.ts';

/* Whatever attendees, rules and providers say: what is answered is a message that Slack takes, and says no more than words. */

const NASTY = [
  '<!channel>',
  '<!here|here>',
  '<@U012ABCDE>',
  '<!subteam^S012ABCDE>',
  '<https://evil.example|your bank>',
  '<!date^1^{date}|x>',
  '&lt;!channel&gt;',
  '*bold* _it_ ~gone~ `code` ```block```',
  '>>> said',
  ':skull: @here @channel #general',
  'https://evil.example/?a=1',
  '',
  ' ',
  '\ud800',
  'a\udc00b',
  '\u202egnirts \u2066x',
  '\u200b\u200d\ufeff',
  'محمد עברית',
  '👩‍👩‍👧‍👦'.repeat(40),
  `Z${'\u0317'.repeat(2000)}`,
  'first\nsecond\r\nthird\u2028fourth',
  '&'.repeat(10_000),
  '`'.repeat(3_000),
  'x'.repeat(10_000),
  '2027-02-15T10:00:00.000Z',
  '+275760-09-13T00:00:00.000Z',
  'Europe/Berlin',
  'C0123SALES',
];

const nasty = fc.oneof(
  fc.constantFrom(...NASTY),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
);
const words = fc.array(nasty, { minLength: 1, maxLength: 12 });

const taking = (texts: readonly string[]): Say => {
  let next = 0;
  return () => texts[next++ % texts.length] ?? '';
};

/** Every text that Slack reads as mrkdwn: notifications, and the texts of blocks that say so. */
const mrkdwnIn = (part: unknown): string[] => {
  if (Array.isArray(part)) return part.flatMap(mrkdwnIn);
  if (typeof part !== 'object' || part === null) return [];
  if ('type' in part && part.type === 'mrkdwn' && 'text' in part) return [String(part.text)];
  return Object.values(part).flatMap(mrkdwnIn);
};

/** What the bot itself puts in angle brackets: dates, and links to channels. */
const OURS = /<(?:!date\^\d{1,12}\^[^<>|^]+\|[^<>|]+|#[CDG][A-Z0-9]+)>/g;

const withoutOurs = (text: string): string => text.replace(OURS, '');

const check = (name: string, { text, blocks }: SlackAnswer): void => {
  expect(blockProblems(blocks), name).toEqual([]);
  expect(blocksTooLong(blocks), name).toBe(false);
  expect(text.trim(), name).not.toBe('');
  expect(text.length, name).toBeLessThanOrEqual(4000);
  expect(text.isWellFormed(), name).toBe(true);
  for (const part of [text, ...mrkdwnIn(blocks)]) {
    expect(withoutOurs(part), name).not.toMatch(/[<>]|&(?!(?:amp|lt|gt);)/);
    expect(part, name).not.toMatch(/[\u202a-\u202e]/);
  }
  for (const block of blocks) {
    if (block.type !== 'actions') continue;
    const ids = block.elements.map(({ action_id }) => action_id);
    expect(new Set(ids).size, name).toBe(ids.length);
  }
};

describe('whatever anybody typed', () => {
  test('every answer is one that Slack takes, and holds no mention, link or token of theirs', () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 0, max: 14 }), (texts, many) => {
        for (const [name, answer] of Object.entries(everyAnswer(taking(texts), many))) check(name, answer);
      }),
      { numRuns: 60 },
    );
  });

  test.each([1, 5, 30])('so it is where there are %i of everything, all as long as can be', (many) => {
    for (const text of ['&'.repeat(10_000), 'x'.repeat(10_000), '"\'`<>'.repeat(2_000)]) {
      for (const [name, answer] of Object.entries(everyAnswer(() => text, many))) check(name, answer);
    }
  });

  test('and where there are more short ones than a message has blocks', () => {
    for (const [name, answer] of Object.entries(everyAnswer(() => 'x', 60))) check(name, answer);
  });

  test('every dialog is one that Slack takes', () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 0, max: 30 }), (texts, many) => {
        for (const [name, dialog] of Object.entries(everyDialog(taking(texts), many))) {
          expect(viewProblems(dialog), name).toEqual([]);
          for (const part of mrkdwnIn(dialog.blocks)) expect(withoutOurs(part), name).not.toMatch(/[<>]/);
        }
      }),
      { numRuns: 60 },
    );
  });

  test.each(['*~_x_~*', '`*x*`', '`~', '```'])(
    'with %s signs of formatting stand only where the bot put them',
    (typed) => {
      const plainest = everyAnswer(() => 'x', 3);
      const decorated = everyAnswer(() => typed, 3);
      const signs = (answer: SlackAnswer | undefined): string =>
        mrkdwnIn(answer?.blocks)
          // In monospaced text signs are only themselves.
          .map((text) => text.replace(/`[^`\n]+`/g, '').replace(/[^*~`]/g, ''))
          .join(' ');
      for (const [name, answer] of Object.entries(plainest)) {
        expect(signs(decorated[name]), name).toBe(signs(answer));
      }
    },
  );
});
