import { userInfo } from 'node:os';
import type { Actor } from '../core/actor.ts';

/** Who uses this command line, as it is kept with what they have done. */
export const account = (): Actor => {
  const name = accountName();
  return { id: name, name, via: 'command line' };
};

const accountName = (): string => {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a number that no account has.
    return `user ${process.getuid?.() ?? 'unknown'}`;
  }
};
