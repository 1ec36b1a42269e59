import { isAbsolute, relative } from 'node:path';
import { describeProblem, type Problem } from '../core/problem.ts';
import type { Look } from '../query/cli/look.ts';
import { visible } from '../query/cli/visible.ts';
import { counted } from '../query/words.ts';
import { command } from './command.ts';
import { print } from './context.ts';

type CheckAnswer = {
  readonly ok: boolean;
  readonly rulesFile: string;
  /** Whether these are the starter rules, which the first start copies, since there are no rules yet. */
  readonly starter: boolean;
  /** How many rules there are; null if errors keep them from being counted. */
  readonly rules: number | null;
  readonly templates: number | null;
  readonly problems: readonly Problem[];
};

export const check = command({
  name: 'check',
  summary: 'look for mistakes in the rules and templates',
  args: '',
  count: [0, 0],
  options: {},
  json: true,
  more: [
    'Tries all rules and templates on sample webhooks, without sending anything, and names file, line, rule and field of every problem. Errors keep the rules from being used, and make it exit with 1; warnings do not.',
  ],
  examples: ['check', 'check --json'],
  run: async (_, context) => {
    const { loadRules, pathsOf, withStarterRules } = await import('../app.ts');
    const { config: checked, starter } = await withStarterRules(context.config());
    const { rulebook, problems } = await loadRules(checked);
    const named = problems.map((problem) => ({ ...problem, file: fromHere(problem.file) }));
    const answer: CheckAnswer = {
      ok: rulebook !== undefined,
      rulesFile: fromHere(pathsOf(checked).rules),
      starter,
      rules: rulebook?.rules.length ?? null,
      templates: rulebook ? rulebook.templates.email.size + rulebook.templates.slack.size : null,
      problems: [...named.filter(isError), ...named.filter((problem) => !isError(problem))],
    };
    print(context, answer, checkText);
    return answer.ok ? 0 : 1;
  },
});

const isError = ({ severity }: Problem): boolean => severity === 'error';

/** The path relative to the working folder if it is within it, otherwise as it is. */
const fromHere = (file: string): string => {
  const short = relative(process.cwd(), file);
  return short === '' || short.startsWith('..') || isAbsolute(short) ? file : short;
};

const checkText = ({ rulesFile, starter, rules, templates, problems }: CheckAnswer, { paint }: Look): string => {
  const errors = problems.filter(isError);
  const warnings = problems.filter((problem) => !isError(problem));
  const list = (title: string, colour: 'red' | 'yellow', some: readonly Problem[]): string =>
    some.length === 0
      ? ''
      : `${paint(colour, title)}\n${some.map((problem) => `  ${visible(describeProblem(problem))}\n`).join('')}\n`;
  const note = starter
    ? `There are no rules yet. These are the starter rules (${rulesFile}), which the first start copies.\n\n`
    : '';
  const verdict =
    problems.length === 0
      ? paint('green', 'no problems')
      : [
          ...(errors.length > 0 ? [counted(errors.length, 'error')] : []),
          ...(warnings.length > 0 ? [counted(warnings.length, 'warning')] : []),
        ].join(', ');
  const what = rules === null ? filesOf(errors) : `${counted(rules, 'rule')}, ${counted(templates ?? 0, 'template')}`;
  return `${note}${list('Errors', 'red', errors)}${list('Warnings', 'yellow', warnings)}${what}: ${verdict}\n`;
};

/** The files with errors; only their number if there are many. */
const filesOf = (errors: readonly Problem[]): string => {
  const files = [...new Set(errors.map(({ file }) => file))];
  return files.length > MOST_FILES ? `${files.length} files` : files.join(', ');
};

const MOST_FILES = 3;
