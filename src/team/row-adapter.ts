import { messageOf, OperatorError } from '../core/errors.ts';
import type { Team } from '../core/team.ts';
import { ChangedMeanwhile, type TeamAdapter, writable } from './adapter.ts';
import { parseTeam } from './shape.ts';

/** Stores the document as one row that all processes share; see store/postgres/team-document.ts. */
export type TeamRows = {
  read(): Promise<{ readonly revision: number; readonly document: string } | undefined>;
  /** False, and nothing written, where the revision is no longer `before` (0 for no row). */
  write(document: string, before: number): Promise<boolean>;
};

/** The document's name in messages. */
export const TEAM_ROW = 'in the table team_document';

const NOTHING = 0;
const UNREADABLE = 'unreadable';

/** The team's document in a database, for lowdb; the row's revision is its fingerprint. */
export const createRowAdapter = (rows: TeamRows): TeamAdapter => {
  let seen: string | undefined;
  let known: { readonly revision: number; readonly text: string; readonly team: Team } | undefined;

  return {
    look: () =>
      rows.read().then(
        (row) => String(row?.revision ?? NOTHING),
        () => UNREADABLE,
      ),
    isSeen: (look) => look === seen,
    async read() {
      const row = await rows.read().catch((error: unknown) => {
        seen = UNREADABLE;
        throw new OperatorError(`The team's document ${TEAM_ROW} can't be read (${messageOf(error)}).`, {
          remedy: 'It is read again as soon as the database answers.',
          cause: error,
        });
      });
      seen = String(row?.revision ?? NOTHING);
      if (!row) {
        known = undefined;
        return null;
      }
      if (known?.revision === row.revision && known.text === row.document) return known.team;
      const parsed = parseTeam(Buffer.from(row.document));
      if ('problem' in parsed) {
        throw new OperatorError(`The team's document ${TEAM_ROW} can't be used: ${parsed.problem}.`, {
          remedy: 'Mend it there, or start all processes with the newest version of the bot.',
        });
      }
      known = { revision: row.revision, text: row.document, team: parsed.team };
      return parsed.team;
    },
    async write(team) {
      const text = writable(team);
      const before = known?.revision ?? NOTHING;
      const written = await rows.write(text, before).catch((error: unknown) => {
        // It may have been written all the same, so it is read again.
        seen = undefined;
        throw new OperatorError(
          `The team's document ${TEAM_ROW} can't be written (${messageOf(error)}); nothing is known to have changed.`,
          { remedy: 'See that the database answers, and ask again.', cause: error },
        );
      });
      if (!written) throw new ChangedMeanwhile();
      known = { revision: before + 1, text, team };
      seen = String(before + 1);
    },
  };
};
