import type { Line } from './line.ts';

/** The team's document: one row, which all processes share. */
export type TeamRow = { readonly revision: number; readonly document: string };

export type TeamRows = {
  /** undefined if nothing has been written yet. */
  read(): Promise<TeamRow | undefined>;
  /**
   * Writes the revision after `before` (0 if there was none) and notifies all processes on commit. Resolves to false, with
   * nothing written, if the row is no longer at `before`.
   */
  write(document: string, before: number): Promise<boolean>;
  /** Calls `changed` whenever some process may have changed it, this one included. */
  onChange(changed: () => void): void;
};

const CHANNEL = 'webkasa_team';

/** Uses the line, since changes are rare and the pool is for webhooks. */
export const createTeamRows = (line: Line): TeamRows => ({
  async read() {
    const [row] = await line.query<TeamRow>('SELECT revision, document FROM team_document');
    return row;
  },
  async write(document, before) {
    const change =
      before === 0
        ? 'INSERT INTO team_document (revision, document) VALUES ($2 + 1, $1) ON CONFLICT DO NOTHING'
        : 'UPDATE team_document SET revision = $2 + 1, document = $1 WHERE revision = $2';
    const rows = await line.query(
      `WITH changed AS (${change} RETURNING revision) SELECT pg_notify('${CHANNEL}', revision::text) FROM changed`,
      [document, before],
    );
    return rows.length > 0;
  },
  onChange: (changed) => line.listen(CHANNEL, changed),
});
