import type { Context } from './context.ts';

/** Says how far something has come: on a terminal one line that changes, elsewhere a line for each part that is complete. */
export const progressOn = (context: Context): ((text: string, complete: boolean) => void) => {
  const { err } = context;
  return (text, complete) => {
    if (err.isTTY) err.write(`\r\u001b[K${text}${complete ? '\n' : ''}`);
    else if (complete) err.write(`${text}\n`);
  };
};
