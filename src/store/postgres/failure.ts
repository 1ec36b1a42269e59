import { messageOf, StoreFailure } from '../../core/errors.ts';

/**
 * A failure of the database. Its message holds PostgreSQL's own, but no values of rows, and never the database's address, which
 * contains a password.
 */
export class DatabaseFailure extends StoreFailure {
  /** The SQLSTATE (postgresql.org/docs/current/errcodes-appendix.html); undefined if the connection failed. */
  readonly code: string | undefined;

  constructor(message: string, code?: string) {
    super(message);
    this.name = 'DatabaseFailure';
    this.code = code;
  }
}

/** Turns whatever a query rejected with into a DatabaseFailure. */
export const toFailure = (error: unknown): DatabaseFailure => {
  if (error instanceof DatabaseFailure) return error;
  const code = sqlState(error);
  if (code === undefined) return new DatabaseFailure(`The database can't be reached: ${connectionProblem(error)}`);
  // Messages of class 22 (data exception) quote the value.
  if (code.startsWith('22')) return new DatabaseFailure(`The database can't take a value (${code}).`, code);
  return new DatabaseFailure(`The database says: ${messageOf(error)} (${code})`, code);
};

/** Whether the whole transaction may succeed when it is tried again: after a deadlock or a serialization failure. */
export const isTransient = (error: unknown): boolean => {
  const code = error instanceof DatabaseFailure ? error.code : sqlState(error);
  return code === '40P01' || code === '40001';
};

/**
 * Whether the connection has to be discarded: if the failure was not the server's answer (after a timeout that may still arrive
 * and be taken for another), if the server ended the session, and if it has become read-only: after a failover, a new
 * connection reaches the primary.
 */
export const isBroken = (error: unknown): boolean =>
  error instanceof DatabaseFailure && (error.code === undefined || /^(?:08|57P|25P03|25006)/.test(error.code));

/** Whether the database refused a value or its size, so that the rest of a group may succeed without it. */
export const isRefusedValue = (error: unknown): boolean =>
  error instanceof DatabaseFailure && /^(?:22|23|54)/.test(error.code ?? '');

/** The SQLSTATE of an error that the server answered; undefined if the connection failed. */
export const sqlState = (error: unknown): string | undefined => {
  const { code, severity } = error as { code?: unknown; severity?: unknown };
  return typeof code === 'string' && severity !== undefined ? code : undefined;
};

const connectionProblem = (error: unknown): string => {
  // A host with several addresses: the message itself is empty, those of the single tries are not.
  if (error instanceof AggregateError) return error.errors.map(messageOf).join(', ');
  return messageOf(error);
};
