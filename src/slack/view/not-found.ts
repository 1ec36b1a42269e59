import type { KnownBlock } from '@slack/web-api';
import type { RejectedRequests } from '../../query/rejections.ts';
import type { SlackAnswer, SlackLook } from './answer.ts';
import { section } from './blocks.ts';
import { message } from './message.ts';
import { moment } from './times.ts';
import { bold, code, count, said } from './words.ts';

/** The answer for an unknown id, with why it may be unknown. */
export const notFoundView = (
  { id, rejections }: { readonly id: string; readonly rejections: readonly RejectedRequests[] },
  look: SlackLook,
): SlackAnswer =>
  message({
    text: `Nothing is known under ${said(id) || 'no id'}.`,
    head: [
      ...section([
        `Nothing is known under ${code(id) || 'no id'}.`,
        `Ids are those of a booking, event, registration, webhook or delivery; ${code('/webkasa search WORDS')} finds them.`,
        rejections.length === 0 &&
          "No request was refused in the last week: if WebKasa sent it, it did not get here. Look at the endpoint's address in WebKasa.",
      ]),
      ...rejectionBlocks(rejections, look),
    ],
  });

const MOST = 5;

/** Requests that were refused lately, and what to do about them; no block if there were none. */
export const rejectionBlocks = (rejections: readonly RejectedRequests[], look: SlackLook): KnownBlock[] =>
  rejections.length === 0
    ? []
    : section([
        bold('Requests refused lately'),
        ...rejections
          .slice(0, MOST)
          .flatMap(({ reason, count: number, lastAt, meaning, remedy }) => [
            `${code(reason)} · ${count(number, 'request')}, the last ${moment(lastAt, look)}: ${said(meaning, 300)}`,
            said(remedy, 300),
          ]),
      ]);
