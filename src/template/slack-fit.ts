import { LIMITS } from './slack-schema.ts';

/** An entity, a token in angle brackets, or one code point: what a cut must not go through. */
const UNIT = /&(?:amp|lt|gt);|<[^<>]*>|[\s\S]/gu;

/** `text` in at most `limit` UTF-16 units, ended with `…` where something had to go. */
export const cut = (text: string, limit: number): string => {
  if (text.length <= limit) return text;
  let end = 0;
  for (const { 0: unit } of text.matchAll(UNIT)) {
    if (end + unit.length > limit - 1) break;
    end += unit.length;
  }
  return limit > 0 ? `${text.slice(0, end).trimEnd()}…` : '';
};

/** Rendered text without what Liquid's tags leave behind: spaces before line breaks, runs of empty lines. */
export const tidy = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[^\S\n]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim();

/** Takes as much of a text as fits, and uses up that much of the room that a message's blocks have together. */
export type Take = (text: string, limit: number) => string;

export const openRoom = (): Take => {
  let left: number = LIMITS.total;
  return (text, limit) => {
    const fitting = cut(text, Math.min(limit, left));
    left -= fitting.length;
    // A lone ellipsis says nothing.
    return fitting === '…' ? '' : fitting;
  };
};
