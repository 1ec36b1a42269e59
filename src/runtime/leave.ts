/**
 * Ends this process with that code, whatever is under way. To exit, Node waits for a thread that a disk gives no answer to,
 * perhaps for ever: where the system can put another program in the place of this one, that has no such thread and ends.
 */
export const leave = (code: number): void => {
  if (process.execve) process.execve(process.execPath, [process.execPath, '--eval', `process.exit(${code})`], {});
  process.exit(code);
};
