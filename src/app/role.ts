import { OperatorError } from '../core/errors.ts';
import { didYouMean } from '../core/suggest.ts';

/**
 * What a process does. A `receiver` accepts webhooks, and Slack's requests over HTTP; a `worker` routes and delivers; `all` does
 * both.
 */
export type Role = 'receiver' | 'worker' | 'all';

const ROLES: readonly Role[] = ['receiver', 'worker', 'all'];

/** The role of that name; throws an OperatorError where there is none. */
export const roleOf = (name: string): Role => {
  const found = ROLES.find((role) => role === name);
  if (found) return found;
  throw new OperatorError(`There is no role "${name}"${didYouMean(name, ROLES) || '.'}`, {
    remedy: `Roles are ${ROLES.join(', ')}.`,
  });
};

export const receives = (role: Role): boolean => role !== 'worker';
export const works = (role: Role): boolean => role !== 'receiver';
