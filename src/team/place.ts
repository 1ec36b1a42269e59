import type { Team } from '../core/team.ts';
import { createTeamAdapter, previousOf, readPrevious, type TeamAdapter } from './adapter.ts';
import { createRowAdapter, TEAM_ROW, type TeamRows } from './row-adapter.ts';

/** Where a team's document is stored. */
export type TeamPlace = {
  /** For messages. */
  readonly name: string;
  readonly adapter: TeamAdapter;
  /** The document before its last change, where that is stored too. */
  readonly previous?: { readonly name: string; read(): Promise<Team> };
  /** Calls `changed` when somebody else may have changed it; undefined where only polling finds out. */
  readonly onChange?: (changed: () => void) => void;
  /** Whether only people change it from outside, with an editor; otherwise other processes do, all the time. */
  readonly byHand: boolean;
  /** What to do where others change it so often that a change never gets through. */
  readonly remedyForMany: string;
};

/** A row that notifies of its changes. */
export type SharedTeamRows = TeamRows & { onChange(changed: () => void): void };

export const filePlace = (file: string): TeamPlace => ({
  name: file,
  adapter: createTeamAdapter(file),
  previous: { name: previousOf(file), read: () => readPrevious(file) },
  byHand: true,
  remedyForMany: 'See that one bot only uses it, and ask again.',
});

export const rowPlace = (rows: TeamRows & Partial<Pick<SharedTeamRows, 'onChange'>>): TeamPlace => ({
  name: TEAM_ROW,
  adapter: createRowAdapter(rows),
  ...(rows.onChange && { onChange: rows.onChange }),
  byHand: false,
  remedyForMany: 'Ask again.',
});
