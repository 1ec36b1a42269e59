import type { RejectedRequests } from '../rejections.ts';
import { wrap } from './fit.ts';
import type { Look } from './look.ts';

/** The requests refused lately and what to do about them; empty if there were none. */
export const rejectionsText = (rejections: readonly RejectedRequests[], look: Look): string => {
  if (rejections.length === 0) return '';
  const { paint, times, width } = look;
  const lines = rejections.flatMap(({ reason, count, lastAt, meaning, remedy }) => [
    wrap(`  ${paint('yellow', reason)}, ${count} in all, last at ${times.full(lastAt)}: ${meaning}`, width, 4),
    wrap(`    ${remedy}`, width, 4),
  ]);
  return `${paint('bold', 'Requests refused lately')}\n${lines.map((line) => `${line}\n`).join('')}`;
};
