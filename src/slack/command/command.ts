import type { SearchQuery } from '../../core/search-query.ts';
import type { Filter } from '../../core/team.ts';

/** A parsed /webkasa command. */
export type Command =
  | { readonly name: 'search'; readonly query: SearchQuery; readonly typed: string }
  | { readonly name: 'show'; readonly id: string }
  | { readonly name: 'why'; readonly id: string }
  /** `all` stands for everything that is dead or waits for another try. */
  | { readonly name: 'retry'; readonly id: string }
  | { readonly name: 'rerun'; readonly id: string }
  | { readonly name: 'today' }
  | { readonly name: 'upcoming' }
  | { readonly name: 'failed' }
  | { readonly name: 'rules' }
  | { readonly name: 'subscribe'; readonly types: readonly string[]; readonly filters: readonly Filter[] }
  /** A subscription's id, types separated by spaces, or `all`; null for the only one of the channel. */
  | { readonly name: 'unsubscribe'; readonly which: string | null }
  | { readonly name: 'pause'; readonly rule: string }
  | { readonly name: 'resume'; readonly rule: string }
  | { readonly name: 'help'; readonly about: CommandName | null };

/** All commands, in the order in which `help` lists them. */
export const COMMAND_NAMES = [
  'search',
  'show',
  'why',
  'today',
  'upcoming',
  'failed',
  'retry',
  'rerun',
  'subscribe',
  'unsubscribe',
  'rules',
  'pause',
  'resume',
  'help',
] as const;
export type CommandName = (typeof COMMAND_NAMES)[number];

/**
 * The result of parsing: a command, or what is wrong with what was typed. `about` is the command it is about, if any.
 * `nearest` is what was probably meant, ready to be typed, or what leads there; null if that can't be told.
 */
export type Parsed =
  | { readonly command: Command }
  | { readonly problem: string; readonly about: CommandName | null; readonly nearest: string | null };
