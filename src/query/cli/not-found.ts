import type { RejectedRequests } from '../rejections.ts';
import { CLI, type Look } from './look.ts';
import { rejectionsText } from './rejections.ts';
import { zoneLine } from './resource.ts';
import { visible } from './visible.ts';

/** For an id under which nothing is known: why that may be. */
export const notFoundText = (id: string, rejections: readonly RejectedRequests[], look: Look): string => {
  const head = `Nothing is known under ${visible(id)}.\n`;
  const search = `Ids are those of a booking, event, registration, webhook or delivery; \`${CLI} search WORDS\` finds them.\n`;
  return rejections.length === 0
    ? `${head}${search}No request was refused in the last week: if WebKasa sent it, it did not get here. Look at the endpoint's address in WebKasa.\n`
    : `${head}${search}\n${rejectionsText(rejections, look)}${zoneLine(look)}`;
};
