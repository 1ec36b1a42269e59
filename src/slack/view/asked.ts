import type { Button } from '@slack/web-api';
import { button } from './blocks.ts';

/** A question as it is typed after /webkasa, and with which of its results the answer begins. */
export type Asked = { readonly question: string; readonly offset?: number };

/** The value of a button that asks: `@40` in front where the answer goes on at the 41st. */
export const askValue = ({ question, offset = 0 }: Asked): string =>
  offset === 0 ? question : `@${offset} ${question}`;

/** Reads such a value. */
export const readAsk = (value: string): Required<Asked> => {
  const [, offset = '0', question = value] = /^@(\d{1,7}) (.*)$/s.exec(value) ?? [];
  return { question, offset: Number(offset) };
};

/** A button that goes on, or back, within the same question; undefined where the question is too long for a button. */
export const pageButton = (label: string, { question }: Asked, offset: number): Button | undefined =>
  button('ask', label, askValue({ question, offset }));

/** Asks the same once more, for everybody in the channel to see. */
export const postButton = (asked: Asked): Button | undefined => button('post', 'Post to channel', askValue(asked));

/** Said where there can be no button that leads on. */
export const tooLongToPage = (asked: Asked, offset: number): string | false =>
  pageButton('More', asked, offset) === undefined &&
  'There are more, but the question is too long for a button to ask it again: try fewer words.';
