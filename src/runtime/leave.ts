/**
 * Ends this process with that exit code, whatever is under way. process.exit() waits for its threads, perhaps for ever where one
 * hangs on a disk. So where the system allows it (execve), the process is first replaced by one that has no threads, which
 * then exits.
 */
export const leave = (code: number): void => {
  if (process.execve) process.execve(process.execPath, [process.execPath, '--eval', `process.exit(${code})`], {});
  process.exit(code);
};
