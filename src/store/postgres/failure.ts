import { messageOf, StoreFailure } from '../../core/errors.ts';

/**
 * A failure of the database. Its message says what PostgreSQL said, but for values of rows, and never the database's
 * address, which holds a password.
 */
export class DatabaseFailure extends StoreFailure {
  /** PostgreSQL's own (postgresql.org/docs/current/errcodes-appendix.html); undefined where the connection failed. */
  readonly code: string | undefined;

  constructor(message: string, code?: string) {
    super(message);
    this.name = 'DatabaseFailure';
    this.code = code;
  }
}

/** Whatever a query was ended by, as a DatabaseFailure. */
export const toFailure = (error: unknown): DatabaseFailure => {
  if (error instanceof DatabaseFailure) return error;
  const code = sqlState(error);
  if (code === undefined) return new DatabaseFailure(`The database can't be reached: ${connectionProblem(error)}`);
  // Messages of this class quote the value.
  if (code.startsWith('22')) return new DatabaseFailure(`The database can't take a value (${code}).`, code);
  return new DatabaseFailure(`The database says: ${messageOf(error)} (${code})`, code);
};

/** Whether trying the whole transaction again may go well: a deadlock, or one that lost a race. */
export const isPassing = (error: unknown): boolean => {
  const code = error instanceof DatabaseFailure ? error.code : sqlState(error);
  return code === '40P01' || code === '40001';
};

/**
 * A connection may be used again only where the server itself answered: after a timeout, the answer may come yet. Nor may it
 * where the server ended it, or may not write any more: after a failover the next connection finds the one that may.
 */
export const isBroken = (error: unknown): boolean =>
  error instanceof DatabaseFailure && (error.code === undefined || /^(?:08|57P|25P03|25006)/.test(error.code));

/** Whether the database refused a value, by itself or by its size, so that what came along with it may go without it. */
export const isRefusedValue = (error: unknown): boolean =>
  error instanceof DatabaseFailure && /^(?:22|23|54)/.test(error.code ?? '');

/** PostgreSQL's code of an error that the server told of; undefined where the connection failed. */
export const sqlState = (error: unknown): string | undefined => {
  const { code, severity } = error as { code?: unknown; severity?: unknown };
  return typeof code === 'string' && severity !== undefined ? code : undefined;
};

const connectionProblem = (error: unknown): string => {
  // Several addresses were tried: the message is empty, those of each are not.
  if (error instanceof AggregateError) return error.errors.map(messageOf).join(', ');
  return messageOf(error);
};
