import type { Button } from '@slack/web-api';
import { button } from './blocks.ts';

/** A question as typed after /webkasa, and the index of the result that the answer begins with (0 if absent). */
export type Asked = { readonly question: string; readonly offset?: number };

/** The value of a button that asks a question; `@40` in front makes the answer begin at the 41st result. */
export const askValue = ({ question, offset = 0 }: Asked): string =>
  offset === 0 ? question : `@${offset} ${question}`;

/** Reads a value that `askValue` wrote. */
export const readAsk = (value: string): Required<Asked> => {
  const [, offset = '0', question = value] = /^@(\d{1,7}) (.*)$/s.exec(value) ?? [];
  return { question, offset: Number(offset) };
};

/** A button to another page of the same question; undefined if the question is too long for a button's value. */
export const pageButton = (label: string, { question }: Asked, offset: number): Button | undefined =>
  button('ask', label, askValue({ question, offset }));

/** A button that posts the same answer for everybody in the channel. */
export const postButton = (asked: Asked): Button | undefined => button('post', 'Post to channel', askValue(asked));

/** What to say if the question is too long for a button to the next page; else false. */
export const tooLongToPage = (asked: Asked, offset: number): string | false =>
  pageButton('More', asked, offset) === undefined &&
  'There are more, but the question is too long for a button to ask it again: try fewer words.';
