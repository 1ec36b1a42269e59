import type { Context } from './context.ts';

/** Shows progress on standard error: on a terminal on one changing line, elsewhere one line for each completed part. */
export const progressOn = (context: Context): ((text: string, complete: boolean) => void) => {
  const { err } = context;
  return (text, complete) => {
    if (err.isTTY) err.write(`\r\u001b[K${text}${complete ? '\n' : ''}`);
    else if (complete) err.write(`${text}\n`);
  };
};
