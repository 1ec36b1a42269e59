import type { Finding } from '../app.ts';
import { readUsable } from '../config.ts';
import { pad, wrap } from '../query/cli/fit.ts';
import type { Look } from '../query/cli/look.ts';
import { type Colour, paints } from '../query/cli/paint.ts';
import { visible } from '../query/cli/visible.ts';
import { counted } from '../query/words.ts';
import { command } from './command.ts';
import { type Context, wantsColours } from './context.ts';

type DoctorAnswer = { readonly ok: boolean; readonly findings: readonly Finding[] };

export const doctor = command({
  name: 'doctor',
  summary: 'check that everything is set up and works',
  args: '',
  count: [0, 0],
  options: {},
  json: true,
  more: [
    'Checks everything that can be checked without sending anything, beside a running bot or without one, and says what to mend. Each check takes five seconds at the most. Problems make it exit with 1; warnings do not.',
  ],
  examples: ['doctor', 'doctor --json'],
  run: async (_, context) => {
    const findings = await findingsOf(context);
    const answer: DoctorAnswer = { ok: findings.every(({ state }) => state !== 'problem'), findings };
    const { out, env, json } = context;
    // Formatted without the settings, since those may be what is wrong.
    const look = { paint: paints(wantsColours(env, out)), width: out.isTTY ? out.columns || 80 : undefined };
    out.write(json ? `${JSON.stringify(answer, null, 2)}\n` : doctorText(answer, look));
    return answer.ok ? 0 : 1;
  },
});

const findingsOf = async (context: Context): Promise<readonly Finding[]> => {
  const { examineAll } = await import('../app.ts');
  const { config, ...faults } = readUsable(context.env);
  return examineAll(config, faults);
};

const MARKS: Readonly<Record<Finding['state'], { readonly mark: string; readonly colour: Colour }>> = {
  ok: { mark: '✓', colour: 'green' },
  unchecked: { mark: '–', colour: 'yellow' },
  warning: { mark: '!', colour: 'yellow' },
  problem: { mark: '✗', colour: 'red' },
};

const doctorText = ({ findings }: DoctorAnswer, look: Pick<Look, 'paint' | 'width'>): string => {
  const columns = Math.max(...findings.map(({ check }) => check.length)) + 2;
  const verdict = (['problem', 'warning'] as const)
    .map((state) => ({ state, count: findings.filter((finding) => finding.state === state).length }))
    .filter(({ count }) => count > 0)
    .map(({ state, count }) => counted(count, state))
    .join(', ');
  const lines = findings.map((finding) => findingText(finding, columns, look)).join('');
  return `${lines}\n${verdict === '' ? look.paint('green', 'All is well.') : verdict}\n`;
};

const findingText = (
  { check, state, says, remedy }: Finding,
  columns: number,
  look: Pick<Look, 'paint' | 'width'>,
): string => {
  const { mark, colour } = MARKS[state];
  const indent = columns + 2;
  const [first = '', ...more] = says.split('\n').map(visible);
  const head = `${mark} ${pad(check, columns)}`;
  const text = wrap(`${head}${first}`, look.width, indent).slice(head.length);
  const below = [...more, ...(remedy === undefined ? [] : [`→ ${visible(remedy)}`])];
  const rest = below.map((line) => `${wrap(`${' '.repeat(indent)}${line}`, look.width, indent + 2)}\n`);
  return `${look.paint(colour, mark)} ${look.paint('bold', pad(check, columns))}${text}\n${rest.join('')}`;
};
