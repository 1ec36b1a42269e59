import { hash } from 'node:crypto';

/** A digest of content, as 16 hex digits: the same for the same parts in the same order. */
export const fingerprintOf = (...parts: readonly unknown[]): string =>
  hash('sha256', JSON.stringify(parts), 'hex').slice(0, 16);
