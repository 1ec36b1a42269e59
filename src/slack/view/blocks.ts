import type { Button, KnownBlock, PlainTextElement, SectionBlock } from '@slack/web-api';
import { BUTTONS } from '../../template/slack-buttons.ts';
import { cut } from '../../template/slack-fit.ts';
import { LIMITS } from '../../template/slack-schema.ts';

/** A section of mrkdwn lines, optionally with a button beside them; no block if there are no lines. */
export const section = (
  lines: readonly (string | false | null | undefined)[],
  beside?: Button | undefined,
): SectionBlock[] => {
  const text = cutLines(lines.filter(isText), LIMITS.section);
  if (text === '') return [];
  return [{ type: 'section', text: { type: 'mrkdwn', text, verbatim: true }, ...(beside && { accessory: beside }) }];
};

/** A context block, Slack's small print; no block if there are no lines. */
export const context = (...lines: readonly (string | false | null | undefined)[]): KnownBlock[] => {
  const text = cutLines(lines.filter(isText), LIMITS.contextText);
  return text === '' ? [] : [{ type: 'context', elements: [{ type: 'mrkdwn', text, verbatim: true }] }];
};

export const divider: KnownBlock = { type: 'divider' };

/** A row of buttons; no block if there are none. Slack wants each action_id once within a row. */
export const actions = (...buttons: readonly (Button | false | null | undefined)[]): KnownBlock[] => {
  const elements = buttons.filter((button) => button !== undefined && button !== null && button !== false);
  return elements.length === 0 ? [] : [{ type: 'actions', elements }];
};

/** The confirmation dialog of a button, in plain text. */
export type Confirmation = { readonly title: string; readonly text: string; readonly yes: string };

/** A button of the bot's; undefined if Slack would not accept its value. */
export const button = (
  does: keyof typeof BUTTONS,
  label: string,
  value: string,
  more: { readonly ask?: Confirmation; readonly primary?: boolean } = {},
): Button | undefined => {
  if (value.length > LIMITS.buttonValue || value.trim() === '' || !value.isWellFormed()) return undefined;
  return {
    type: 'button',
    action_id: BUTTONS[does],
    text: plainOf(label, LIMITS.button),
    value,
    ...(more.primary && { style: 'primary' }),
    ...(more.ask && {
      confirm: {
        title: plainOf(more.ask.title, 100),
        text: plainOf(more.ask.text, 300),
        confirm: plainOf(more.ask.yes, 30),
        deny: plainOf('Not now', 30),
      },
    }),
  };
};

/** Plain text in at most `most` UTF-16 units. */
export const plainOf = (text: string, most: number): PlainTextElement => ({
  type: 'plain_text',
  text: cut(text, most),
  emoji: false,
});

/** As many whole lines as fit into `most` UTF-16 units. */
const cutLines = (lines: readonly string[], most: number): string => {
  const all = lines.join('\n').trim();
  if (all.length <= most) return all;
  const kept: string[] = [];
  let length = 0;
  for (const line of lines) {
    if (length + line.length + 3 > most) break;
    kept.push(line);
    length += line.length + 1;
  }
  return kept.length === 0 ? cut(all, most) : `${kept.join('\n')}\n…`;
};

const isText = (text: string | false | null | undefined): text is string => typeof text === 'string' && text !== '';
