import { hash } from 'node:crypto';
import { type ClientBase, type ClientConfig, types } from 'pg';
import { OperatorError } from '../../core/errors.ts';
import { fromKept, toKept } from './text.ts';

/** Milliseconds to wait for a connection, be it a new one or one from the pool. */
const CONNECTED_WITHIN = 4_000;
/** Milliseconds a statement may take on the server. The client waits a little longer, so that the server ends it first. */
const LONGEST_STATEMENT = 30_000;
const ANSWER_LATER = 5_000;

/**
 * Settings of every session, whatever the defaults of the server, the database or the user: a commit is confirmed when it is
 * on disk; each statement sees what was committed before it; and the server notices within seconds that a client's machine is
 * gone, so that its locks are released.
 */
const SESSION = {
  synchronous_commit: 'on',
  default_transaction_isolation: 'read\\ committed',
  // PostgreSQL may guess otherwise, but no query here runs long enough for compiling it to pay.
  jit: 'off',
  tcp_keepalives_idle: '5',
  tcp_keepalives_interval: '2',
  tcp_keepalives_count: '3',
  tcp_user_timeout: '10000',
} as const;

/** Parameters of an address that the driver would let win over what the bot sets itself. */
const SET_BY_THE_BOT = /^(?:application_name|statement_timeout|query_timeout|idle_in_transaction_session_timeout)=/;

/** Rewrites the parameters of an address, each given as it is written: `name=value`. */
const withParameters = (url: string, rewrite: (parameters: string[]) => string[]): string => {
  const [address = '', query] = url.split(/\?(.*)/s);
  if (query === undefined) return url;
  const parameters = rewrite(query.split('&'));
  return parameters.length === 0 ? address : `${address}?${parameters.join('&')}`;
};

/**
 * The address as the driver is given it.
 *
 * - Parameters that the bot sets itself are left out: its sessions are found by their `application_name`, and its time limits
 *   are part of what it guarantees.
 * - The driver reads `sslmode=require` and its like as `verify-full`, and warns that a later version will not. Written as
 *   `verify-full`, the address keeps its meaning.
 */
export const addressOf = (url: string): string =>
  withParameters(url, (all) => {
    const parameters = all.filter((parameter) => !SET_BY_THE_BOT.test(parameter));
    if (parameters.includes('uselibpqcompat=true')) return parameters;
    return parameters.map((one) => one.replace(/^sslmode=(?:prefer|require|verify-ca)$/, 'sslmode=verify-full'));
  });

/** What a session is asked for: first by the address, then by the bot, since PostgreSQL takes the last of two. */
const optionsFor = (url: string): string =>
  [
    ...new URL(url).searchParams.getAll('options'),
    ...Object.entries(SESSION).map(([name, value]) => `-c ${name}=${value}`),
  ].join(' ');

/**
 * How the driver connects to the database of this address; statements may take `longest` milliseconds. Throws an OperatorError
 * if it is not the address of a PostgreSQL database.
 */
export const connectionTo = (url: string, longest = LONGEST_STATEMENT): ClientConfig => {
  if (!URL.canParse(url) || !/^postgres(ql)?:$/.test(new URL(url).protocol)) {
    throw new OperatorError('DATABASE_URL is not the address of a PostgreSQL database.', {
      remedy:
        'Write it as postgres://USER:PASSWORD@HOST:5432/DATABASE; signs like @ or / in the password as %40 or %2F.',
    });
  }
  return {
    connectionString: withParameters(addressOf(url), (all) => all.filter((one) => !one.startsWith('options='))),
    application_name: 'webkasa-bot',
    connectionTimeoutMillis: CONNECTED_WITHIN,
    statement_timeout: longest,
    query_timeout: longest + ANSWER_LATER,
    idle_in_transaction_session_timeout: 60_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
    options: optionsFor(url),
    types: { getTypeParser },
  };
};

const parsers: Readonly<Record<number, (text: string) => unknown>> = {
  [types.builtins.TEXT]: fromKept,
  [types.builtins.VARCHAR]: fromKept,
  // Counts, times and row numbers stay far below 2^53.
  [types.builtins.INT8]: Number,
  [types.builtins.NUMERIC]: Number,
};
const TEXT_ARRAY = 1009;
const INT8_ARRAY = 1016;

const getTypeParser = ((oid: number, format?: 'text' | 'binary') => {
  if (format === 'binary') return types.getTypeParser(oid, 'binary');
  const own = parsers[oid];
  if (own) return own;
  const given = types.getTypeParser(oid, 'text');
  if (oid === TEXT_ARRAY) return (text: string) => given(text).map((one: string | null) => one && fromKept(one));
  if (oid === INT8_ARRAY) return (text: string) => given(text).map((one: string | null) => one && Number(one));
  return given;
}) as typeof types.getTypeParser;

const named = new Map<string, string>();

/** A statement's name, under which each connection prepares it once. There are few: all are written in the code. */
const nameOf = (text: string): string => {
  const known = named.get(text);
  if (known !== undefined) return known;
  const name = hash('sha256', text).slice(0, 32);
  named.set(text, name);
  return name;
};

const toParameter = (value: unknown): unknown => {
  if (typeof value === 'string') return toKept(value);
  if (Array.isArray(value)) return value.map(toParameter);
  return value;
};

/**
 * Runs a statement on this connection and returns its rows as Sql promises. `timeout`, in milliseconds, is the statement
 * timeout that was set on the server for it, if it is not the session's.
 */
export const runOn = async <Row>(
  client: ClientBase,
  text: string,
  values: readonly unknown[] = [],
  timeout?: number,
): Promise<Row[]> => {
  const parameters = values.map(toParameter);
  const limits = timeout === undefined ? {} : { query_timeout: timeout + ANSWER_LATER };
  const { rows } = await client.query({ name: nameOf(text), text, values: parameters, ...limits });
  return rows as Row[];
};
