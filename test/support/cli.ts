import { dispatch } from '../../src/commands/dispatch.ts';
import { COMMANDS } from '../../src/commands/run.ts';

export type CliAnswer = { readonly code: number; readonly out: string; readonly err: string };

/** Runs a command as the terminal would, and keeps what it writes. */
export const cli = async (env: Readonly<Record<string, string>>, ...argv: string[]): Promise<CliAnswer> => {
  let out = '';
  let err = '';
  const code = await dispatch(argv, COMMANDS, {
    env,
    out: { write: (text) => (out += text) },
    err: { write: (text) => (err += text) },
    now: Date.now,
  });
  return { code, out, err };
};
