import { userInfo } from 'node:os';
import type { Actor } from '../core/actor.ts';

/** The user of this command line, as recorded with what they do. */
export const account = (): Actor => {
  const name = accountName();
  return { id: name, name, via: 'command line' };
};

const accountName = (): string => {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a user id without an account.
    return `user ${process.getuid?.() ?? 'unknown'}`;
  }
};
