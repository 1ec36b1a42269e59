import { type Escape, inWords } from './engine.ts';
import { isSimpleLine } from './filters.ts';
import { INVISIBLE } from './invisible.ts';

/** What one value may take up of a message, in UTF-16 units; the rest of it is cut with an ellipsis. */
const VALUE_LIMIT = 500;

/**
 * A value as one line of plain text: well-formed, without control, direction and invisible characters, line breaks as
 * spaces, at most 500 long. For Slack's `plain_text`, where nothing is parsed.
 */
export const plainText: Escape = (value) => {
  if (isSimpleLine(value) && value.length <= VALUE_LIMIT) return value;
  const line = inWords(value)
    .slice(0, 8 * VALUE_LIMIT)
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replace(INVISIBLE, '')
    // Stacked accents beyond any script's need smear over the lines around them.
    .replace(/(\p{M}{4})\p{M}+/gu, '$1')
    .trim();
  return line.length <= VALUE_LIMIT ? line : `${line.slice(0, VALUE_LIMIT - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
};

/**
 * A value for Slack's `mrkdwn` and for the top-level `text`, where it can't become a mention, a link, formatting or an
 * emoji. `&`, `<` and `>` become entities, the only escapes Slack knows (https://docs.slack.dev/messaging/formatting-message-text);
 * a character that has no escape gives way to one that looks the same and means nothing.
 */
export const mrkdwn: Escape = (value) => {
  const text = plainText(value);
  return MEANS_NOTHING.test(text) ? text : withoutMeaning(text);
};

/** Letters, digits and marks that Slack leaves alone, and the colon of a time: most data is no more than that. */
const MEANS_NOTHING = /^(?:[A-Za-z0-9 .,;!?()/+\u00c0-\u017f\u2013-]|:(?=\d\d ))*$/;

const withoutMeaning = (text: string): string =>
  text
    .replace(/^>+/, (run) => '›'.repeat(run.length))
    .replace(/[*~`]/g, (character) => LOOKALIKES[character] ?? character)
    // Between letters and digits an underscore is only itself: addresses and ids stay fit for copying.
    .replace(/(?<![\p{L}\p{N}_])_+|_+(?![\p{L}\p{N}_])/gu, (run) => '＿'.repeat(run.length))
    .replace(/:(?=(?!\d+:)[\p{L}\p{N}_+'-]{1,100}:)/gu, '∶')
    .replace(/(?<![\p{L}\p{N}.+_-])@/gu, '＠')
    .replace(/[&<>]/g, (character) => ENTITIES[character] ?? character);

const LOOKALIKES: Readonly<Record<string, string>> = { '*': '∗', '~': '∼', '`': 'ˋ' };
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
