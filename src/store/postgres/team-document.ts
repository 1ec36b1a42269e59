import type { Line } from './line.ts';

/** The team's document as one row, which every process sees. */
export type TeamRow = { readonly revision: number; readonly document: string };

export type TeamRows = {
  /** undefined where nothing was written yet. */
  read(): Promise<TeamRow | undefined>;
  /**
   * Writes it as the revision after `before` (0 where there was none) and tells all processes when that is committed;
   * resolves with false, and nothing written, where the row is another one by now.
   */
  write(document: string, before: number): Promise<boolean>;
  /** Calls `changed` whenever another process may have changed it. */
  onChange(changed: () => void): void;
};

const CHANNEL = 'webkasa_team';

/** Over the line, since changes are few and the pool is for webhooks. */
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
