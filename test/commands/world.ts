import { dispatch } from '../../src/commands/dispatch.ts';
import { COMMANDS } from '../../src/commands/run.ts';
import { T0 } from '../support/builders.ts';

export type Called = { readonly code: number; readonly out: string; readonly err: string };

/** Calls the command line in this process, with streams that remember, and a clock that stands still, at T0 unless told. */
export const call = async (
  args: readonly string[],
  options: { env?: Readonly<Record<string, string>>; columns?: number; now?: number; terminal?: boolean } = {},
): Promise<Called> => {
  const written = { out: '', err: '' };
  const stream = (name: 'out' | 'err') => ({
    write: (text: string) => {
      written[name] += text;
    },
    ...(options.columns && name === 'out' && { isTTY: true, columns: options.columns }),
    ...(options.terminal && name === 'err' && { isTTY: true }),
  });
  const code = await dispatch(args, COMMANDS, {
    env: options.env ?? {},
    out: stream('out'),
    err: stream('err'),
    now: () => options.now ?? T0,
  });
  return { code, ...written };
};
