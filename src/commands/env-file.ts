import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { EnvSchema } from '../config.ts';
import { messageOf, OperatorError } from '../core/errors.ts';

/**
 * Adds the settings of .env, if there is one, to the environment, which takes precedence. Throws an OperatorError if the file
 * can't be read, or if it says other than whoever wrote it meant.
 */
export const readEnvFile = (env: NodeJS.ProcessEnv, file = '.env'): void => {
  if (!existsSync(file)) return;
  const text = contentOf(file);
  const cut = cutSettings(text).filter(({ name }) => env[name] === undefined);
  if (cut.length > 0) {
    const problems = cut.map(
      ({ line, name }) =>
        `  - line ${line}: the value of ${name} ends at its #, which begins a comment outside of quotes`,
    );
    throw new OperatorError(`The settings in ${file} can't be used:\n${problems.join('\n')}`, {
      remedy: `Put the whole value in quotes, as in ${cut[0]?.name}="…".`,
    });
  }
  for (const [name, value] of Object.entries(parseEnv(text))) env[name] ??= value;
};

const contentOf = (file: string): string => {
  try {
    // Editors of Windows begin a file with a mark, which would become a part of the first name and hide that setting.
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    throw new OperatorError(`${file} can't be read: ${messageOf(error)}`, {
      remedy: 'It has to be a file that this user may read: .env.example is one to copy.',
    });
  }
};

/** A setting whose value has a `#` that touches what is before it: a channel (`=#bookings`), or a password with a `#` in it. */
const CUT = /^\s*(?:export\s+)?([A-Z_]+)\s*=(?!\s*["'`])(?:[^#\n]*[^#\s])?#\S/;

/** The settings of this bot whose value is cut off; what other programs' settings mean is theirs to know. */
const cutSettings = (text: string): { readonly line: number; readonly name: string }[] =>
  text.split('\n').flatMap((written, index) => {
    const name = CUT.exec(written)?.[1];
    return name !== undefined && Object.hasOwn(EnvSchema.shape, name) ? [{ line: index + 1, name }] : [];
  });
