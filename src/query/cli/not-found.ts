import type { RejectedRequests } from '../rejections.ts';
import { wrap } from './fit.ts';
import { CLI, type Look } from './look.ts';
import { rejectionsText } from './rejections.ts';
import { zoneLine } from './resource.ts';
import { visible } from './visible.ts';

/** The answer for an unknown id: what ids there are, and why the webhook may not have arrived. */
export const notFoundText = (id: string, rejections: readonly RejectedRequests[], look: Look): string => {
  const lines = [
    `Nothing is known under ${visible(id)}.`,
    `Ids are those of a booking, event, registration, webhook or delivery; \`${CLI} search WORDS\` finds them.`,
    ...(rejections.length === 0
      ? [
          "No request was refused in the last week: if WebKasa sent it, it did not get here. Look at the endpoint's address in WebKasa.",
        ]
      : []),
  ];
  const text = lines.map((line) => `${wrap(line, look.width, 2)}\n`).join('');
  return rejections.length === 0 ? text : `${text}\n${rejectionsText(rejections, look)}${zoneLine(look)}`;
};
