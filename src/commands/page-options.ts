import type { Page } from '../store/ports.ts';
import { type Option, wholeNumber } from './command.ts';

type PageOptions = { readonly limit: Option; readonly offset: Option };

/** The options of a command that lists `usual` entries at a time. `of` is put before their help texts. */
export const pageOptions = (usual: number, of = '') =>
  ({
    limit: { type: 'string', value: 'N', help: `${of}how many to show (${usual})` },
    offset: { type: 'string', value: 'N', help: `${of}how many to pass over (0)` },
  }) as const satisfies PageOptions;

/** Reads these options of the command `name`. Throws a UsageError where one is no whole number. */
export const pageOf = (
  { limit, offset }: { readonly limit?: string; readonly offset?: string },
  { name, usual }: { readonly name: string; readonly usual: number },
): Page => ({
  limit: wholeNumber(limit, usual, { name, option: 'limit', least: 1 }),
  offset: wholeNumber(offset, 0, { name, option: 'offset', least: 0 }),
});
