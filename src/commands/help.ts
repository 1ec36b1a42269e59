import { readFileSync } from 'node:fs';
import { pad, wrap } from '../query/cli/fit.ts';
import { CLI } from '../query/cli/look.ts';
import { allOptions, type Description } from './command.ts';

/** Lines are broken to fit a terminal of the common minimum width. */
const COLUMNS = 80;

/** Version and description from package.json. */
export const about = (): { readonly version: string; readonly description: string } =>
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

/** The general help: all commands. */
export const overview = (commands: readonly Description[]): string => {
  const names = commands.map(({ name, args }) => `${name} ${args}`.trim());
  const widest = Math.max(...names.map((name) => name.length));
  const { version, description } = about();
  return `webkasa-bot ${version}
${wrap(description, COLUMNS, 0)}

Usage: ${CLI} COMMAND [options]

${commands.map(({ summary }, index) => `  ${pad(names[index] ?? '', widest + 2)}${summary}\n`).join('')}
\`${CLI} COMMAND --help\` tells more of one. --version prints the version.
Settings come from the environment and .env; .env.example explains each.
Exit codes: 0 done, 1 failed, 2 wrong usage.
`;
};

/** The help of one command. */
export const helpOf = (command: Description): string => {
  const options = Object.entries(allOptions(command)).map(
    ([name, { type, value, multiple, help }]) =>
      [
        `--${name}${type === 'string' ? ` ${value ?? 'TEXT'}` : ''}`,
        `${help}${multiple ? '; may be repeated' : ''}`,
      ] as const,
  );
  const widest = Math.max(...options.map(([left]) => left.length));
  const paragraphs = (command.more ?? []).map((paragraph) => `${wrap(paragraph, COLUMNS, 0)}\n\n`).join('');
  const examples = command.examples.map((example) => `  ${CLI} ${example}\n`).join('');
  return `${CLI} ${[command.name, command.args, '[options]'].filter(Boolean).join(' ')}

${command.summary[0]?.toUpperCase()}${command.summary.slice(1)}.

${paragraphs}Options:
${options.map(([left, help]) => `  ${pad(left, widest + 2)}${help}\n`).join('')}${examples && `\nExamples:\n${examples}`}`;
};
