import type { Outcome } from './scenario.ts';

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;

const MOST_FINDINGS = 25;

/** What a run came to, in plain words. */
export const inWords = (title: string, outcome: Outcome): string => {
  const { counts, findings, normalAfter } = outcome;
  const { inDoubt, repeats } = counts;
  const rows: [string, string][] = [
    ['seed', `${outcome.seed} (run again with --seed ${outcome.seed})`],
    ['processes killed', String(outcome.kills)],
    ['processes started anew', String(outcome.restarts)],
    ['tries sent', `${outcome.sent}, of which ${outcome.refused} were not answered 200`],
    ['webhooks accepted', `${counts.accepted}, of which ${outcome.duplicates} were sent once more on purpose`],
    ['deliveries planned', String(counts.deliveries)],
    ['  done', `${counts.done}${counts.together > 0 ? `, ${counts.together} of them in summaries` : ''}`],
    ['  gave way to newer', String(counts.superseded)],
    ['  dead', String(counts.dead)],
    [
      'attempts that failed',
      Object.entries(counts.failures)
        .map(([name, count]) => `${name} ${count}`)
        .join(', ') || 'none',
    ],
    ['attempts that broke off', `mail ${inDoubt.email}, Slack ${inDoubt.slack}, sheet ${inDoubt.sheet}`],
    ['repeats', `mail ${repeats.email}, Slack ${repeats.slack}, sheet ${repeats.sheet}`],
    ['all accepted after', `${outcome.acceptedWithin.toFixed(1)} s`],
    ['at rest after', `${outcome.restAfter.toFixed(1)} s`],
    ...(normalAfter === undefined ? [] : [['normal again after', seconds(normalAfter)] satisfies [string, string]]),
    ['breaches of promises', String(findings.length)],
  ];
  const told = findings.slice(0, MOST_FINDINGS).map(({ promise, what }) => `  - ${promise}: ${what}`);
  const more = findings.length > MOST_FINDINGS ? [`  - and ${findings.length - MOST_FINDINGS} more`] : [];
  return [title, ...rows.map(([name, value]) => `  ${name.padEnd(24)} ${value}`), ...told, ...more].join('\n');
};

/** One line for each fault. */
export const asTable = (runs: readonly { readonly name: string; readonly outcome: Outcome }[]): string => {
  const head = [
    'fault',
    'accepted',
    'refused',
    'deliveries',
    'dead',
    'broke off',
    'repeats',
    'normal after',
    'breaches',
  ];
  const sum = ({ email, slack, sheet }: Record<'email' | 'slack' | 'sheet', number>): string =>
    `${email + slack + sheet}`;
  const lines = runs.map(({ name, outcome: { counts, refused, normalAfter, findings } }) => [
    name,
    `${counts.accepted}`,
    `${refused}`,
    `${counts.deliveries}`,
    `${counts.dead}`,
    sum(counts.inDoubt),
    sum(counts.repeats),
    normalAfter === undefined ? '' : seconds(normalAfter),
    `${findings.length}`,
  ]);
  const widths = head.map((title, column) =>
    Math.max(title.length, ...lines.map((line) => (line[column] ?? '').length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...lines.map(line)].join('\n');
};
