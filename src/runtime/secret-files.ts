import { readFileSync } from 'node:fs';
import { messageOf } from '../core/errors.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export type SecretsFromFiles = {
  readonly values: Environment;
  /** The settings whose file could not be used, so that they are not reported as missing on top of that. */
  readonly unread: Environment;
  /** One sentence each, with the name of the setting and never what the file holds. */
  readonly problems: readonly string[];
};

/** Reads the files that the environment names for these settings: `SMTP_URL_FILE` for `SMTP_URL`. Never throws. */
export const secretsFromFiles = (names: readonly string[], env: Environment): SecretsFromFiles => {
  const named = names.filter((name) => env[`${name}_FILE`] !== undefined);
  const read = named.map((name) => [name, readSecret(name, env)] as const);
  return {
    values: Object.fromEntries(read.flatMap(([name, { value }]) => (value === undefined ? [] : [[name, value]]))),
    unread: Object.fromEntries(read.flatMap(([name, { value }]) => (value === undefined ? [[name, 'unread']] : []))),
    problems: read.flatMap(([, { problem }]) => problem ?? []),
  };
};

/** Far longer than any secret: rejects a file that was named by mistake. */
const LONGEST_SECRET = 10_000;

const readSecret = (name: string, env: Environment): { readonly value?: string; readonly problem?: string } => {
  const file = env[`${name}_FILE`] ?? '';
  if (env[name] !== undefined) return { problem: `${name} and ${name}_FILE are both set: keep one of them` };
  try {
    const value = readFileSync(file, 'utf8')
      .replace(/^\uFEFF/, '')
      .trim();
    if (value === '') return { problem: `${name}_FILE names a file with nothing in it: ${file}` };
    if (/[\r\n]/.test(value) || value.length > LONGEST_SECRET) {
      return { problem: `${name}_FILE names a file that holds more than a line: ${file}` };
    }
    return { value };
  } catch (error) {
    return { problem: `${name}_FILE can't be read: ${messageOf(error)}` };
  }
};
