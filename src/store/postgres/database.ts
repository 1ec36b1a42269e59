/** One connection, or one transaction, as the rest of the adapter uses it. */
export type Sql = {
  /**
   * Runs one statement with `$1` … and returns its rows; prepared once a connection. Rows are asserted to be of the type
   * the caller names: the statement and the type stand side by side. bigint comes as a number.
   */
  query<Row = Record<string, never>>(text: string, values?: readonly unknown[]): Promise<Row[]>;
};

export type Database = Sql & {
  /** Commits what `work` did, or rolls it back where that rejects. A deadlock or serialization failure is tried again. */
  transaction<Result>(work: (sql: Sql) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
};
