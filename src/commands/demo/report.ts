import { relative } from 'node:path';
import { wrap } from '../../query/cli/fit.ts';
import { CLI, type Look } from '../../query/cli/look.ts';
import { type Cell, table } from '../../query/cli/table.ts';
import { visible } from '../../query/cli/visible.ts';
import { whyText } from '../../query/cli/why.ts';
import { EXAMPLE } from './day.ts';
import type { Outcome } from './outcome.ts';
import type { Played } from './play.ts';

/** The report of the demo, at most a hundred columns wide. */
export const demoText = (outcome: Outcome, look: Look): string =>
  [
    webhooksText(outcome, look),
    mailsText(outcome, look),
    postsText(outcome, look),
    sheetText(outcome, look),
    decisionsText(outcome, look),
    whereText(outcome, look),
  ].join('\n');

const heading = ({ paint, width }: Look, title: string, rest: string): string =>
  `${wrap(`${paint('bold', title)}  ${rest}`, width, 2)}\n`;

const webhooksText = ({ webhooks }: Outcome, look: Look): string => {
  const columns = [
    { title: `time (${look.times.zone})`, whole: true },
    { title: 'webhook', whole: true },
    { title: 'who' },
    { title: 'answer', whole: true },
    { title: '' },
  ];
  const rows = webhooks.map((played) => [
    look.times.clock(played.at).slice(0, 5),
    played.type,
    played.who,
    answerCell(played),
    played.remark,
  ]);
  const lead = `${webhooks.length} requests over HTTP, as a day of WebKasa's, sent at once`;
  return heading(look, 'What arrived', lead) + table(columns, rows, look);
};

const answerCell = ({ status, answer }: Played): Cell => ({
  text: `${status} ${answer}`,
  colour: status !== 200 ? 'red' : answer === 'duplicate' ? 'yellow' : 'green',
});

const mailsText = ({ folder, mails }: Outcome, look: Look): string => {
  // Not the names of their files, which leave no room for subjects: in the folder they stand in this order.
  const columns = [{ title: 'to', whole: true }, { title: 'subject' }];
  const rows = mails.map(({ to, subject }) => [addressOf(to), subject]);
  const first = mails[0];
  const where = first ? ` in ${inFolder(folder, first.file)}` : '';
  return heading(look, `${mails.length} mails`, `to the attendees${where}`) + table(columns, rows, look);
};

/** The address of `Zoë Ångström <zoe@example.com>`. */
const addressOf = (to: string): string => /<([^<>]*)>$/.exec(to)?.[1] ?? to;

const postsText = ({ folder, posts }: Outcome, look: Look): string => {
  const rows = posts.map(({ channel, as, text }) => [channel, as, text]);
  const cards = posts.filter(({ as }) => as === 'new').length;
  const first = posts[0];
  const where = first ? ` in ${inFolder(folder, first.file)}` : '';
  const columns = [{ title: 'channel', whole: true }, { title: '', whole: true }, { title: 'text' }];
  const lead = `for the team${where}: ${cards} cards, kept current, and their history`;
  return heading(look, `${posts.length} Slack messages`, lead) + table(columns, rows, look);
};

/** The most telling columns of the sheet. */
const SHOWN_COLUMNS = ['Type', 'Id', 'Status', 'Name', 'Start'];

const sheetText = ({ folder, sheet }: Outcome, look: Look): string => {
  const indexes = SHOWN_COLUMNS.map((name) => sheet.columns.indexOf(name)).filter((index) => index >= 0);
  const columns = indexes.map((index) => ({ title: sheet.columns[index] ?? '' }));
  const rows = sheet.rows.map((row) => indexes.map((index) => row[index] ?? ''));
  const lead = `in ${relative(folder, sheet.file)}, ${columns.length} of its ${sheet.columns.length} columns`;
  return heading(look, `${sheet.rows.length} rows`, lead) + table(columns, rows, look);
};

const decisionsText = ({ decisions, deliveries, example }: Outcome, look: Look): string => {
  const { webhooks, rules } = decisions;
  const planned = Object.values(deliveries).reduce((sum, count) => sum + count, 0);
  const left = deliveries.superseded === 0 ? '' : `, ${deliveries.superseded} left out for something newer`;
  const dead = deliveries.dead === 0 ? '' : `, ${deliveries.dead} dead`;
  const lead = `${webhooks} webhooks × ${rules} rules; ${planned} deliveries planned: ${deliveries.done} done${left}${dead}`;
  const call = look.paint('dim', `One of them in full, ${CLI} why ${EXAMPLE}:`);
  return `${heading(look, `${webhooks * rules} decisions`, lead)}${call}\n\n${whyText(example, look)}`;
};

const whereText = ({ folder }: Outcome, look: Look): string => {
  const commands = [`why bk_7fq2mw`, 'search zoe', 'why wh_evt_nobody', 'failed'];
  const lines = commands.map((command) => `  DATA_DIR=${folder} ${CLI} ${command}\n`).join('');
  return `${heading(look, 'Look around', visible(folder))}${lines}`;
};

const inFolder = (folder: string, file: string): string => relative(folder, file).replace(/[^/\\]*$/, '');
