import { OperatorError } from '../core/errors.ts';
import { borderOf, forgetAll, restBetween } from '../keep/retention.ts';
import { table } from '../query/cli/table.ts';
import { createWake } from '../runtime/wake.ts';
import type { Forgotten, StoreSize } from '../store/keeping-ports.ts';
import { callOf, command, type ExitCode, UsageError } from './command.ts';
import { type Context, print } from './context.ts';
import { migrateStore } from './store-migrate.ts';
import { withKeeping } from './with-keeping.ts';

const NAME = 'store';
/** WebKasa may resend a webhook for days; one that was forgotten would be processed as new. */
const LEAST_DAYS = 7;

export const store = command({
  name: NAME,
  summary: 'status, forget, compact or migrate what is kept',
  args: 'VERB',
  count: [1, 1],
  options: {
    before: { type: 'string', value: 'DATE', help: 'forget: what was over before that day (RETENTION_DAYS ago)' },
    'dry-run': { type: 'boolean', help: 'forget: only count' },
    to: { type: 'string', value: 'URL', help: 'migrate: the empty PostgreSQL database, as postgres://…' },
  },
  json: true,
  more: [
    'status counts what is kept, table by table, and says what it takes on disk.',
    'forget does by hand what RETENTION_DAYS does by itself: bookings, events and registrations that are over go as a whole, with their webhooks and all that came of them. It works beside a running bot.',
    'compact writes a SQLite store anew without the space that became free; stores made by older versions need it once before such space is given back by itself. A running bot stores nothing meanwhile, and WebKasa sends again.',
    'migrate moves a SQLite store to PostgreSQL. The bot has to be stopped. Broken off at any moment, it goes on where it was when it is called again, or begins anew where the bot ran on SQLite since; at the end both sides are compared.',
  ],
  examples: [
    `${NAME} status`,
    `${NAME} forget --before 2027-01-01 --dry-run`,
    `${NAME} migrate --to postgres://bot:password@db.example.com/webkasa`,
  ],
  run: async ({ values, args: [verb] }, context) => {
    if (verb !== 'forget' && (values.before !== undefined || values['dry-run'])) {
      throw new UsageError('--before and --dry-run are for store forget.', NAME);
    }
    if ((verb === 'migrate') !== (values.to !== undefined)) {
      throw new UsageError('store migrate needs --to URL, and nothing else takes it.', NAME);
    }
    switch (verb) {
      case 'status':
        return status(context);
      case 'forget':
        return forget(context, values.before, values['dry-run'] === true);
      case 'compact':
        return compact(context);
      case 'migrate':
        return migrateStore(context, values.to ?? '');
      default:
        throw new UsageError(`${NAME} takes status, forget, compact or migrate.`, NAME);
    }
  },
});

const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`;

const status = async (context: Context): Promise<ExitCode> => {
  const size = await withKeeping(context, ({ store: kept }) => kept.size());
  print(context, size, ({ bytes, unused, givesBack, rows }: StoreSize, look) => {
    const counted = Object.entries(rows).map(([name, count]) => [name, String(count)]);
    const advice = unused > 0 && !givesBack ? ` (${callOf(NAME)} compact gives it back)` : '';
    return `${table([{ title: 'Table' }, { title: 'Rows' }], counted, look)}\n${megabytes(bytes)} on disk, of which ${megabytes(unused)} are free for what comes next${advice}\n`;
  });
  return 0;
};

const borderFrom = (context: Context, before: string | undefined): number => {
  const now = context.now();
  if (before === undefined) {
    const days = context.config().retentionDays;
    if (days === undefined) throw new UsageError('store forget needs --before DATE, or RETENTION_DAYS in .env.', NAME);
    return borderOf(days, now);
  }
  const border = /^\d{4}-\d{2}-\d{2}$/.test(before) ? Date.parse(`${before}T00:00:00Z`) : Number.NaN;
  // Date.parse takes 2027-02-31 for 2027-03-03, and what is forgotten is gone for good.
  if (Number.isNaN(border) || !new Date(border).toISOString().startsWith(before))
    throw new UsageError(`--before takes a day like 2027-01-31, not "${before}".`, NAME);
  if (border > borderOf(LEAST_DAYS, now)) {
    throw new UsageError(
      `--before has to be ${LEAST_DAYS} days ago at least: until then WebKasa may send again.`,
      NAME,
    );
  }
  return border;
};

const forget = async (context: Context, before: string | undefined, dry: boolean): Promise<ExitCode> => {
  const border = borderFrom(context, before);
  const told = await withKeeping(context, async ({ store: kept }) => {
    const [first] = await kept.rows('webhook', undefined, 1);
    const oldest = typeof first?.received_at === 'number' ? new Date(first.received_at).toISOString() : null;
    if (dry) return { oldest, ...(await kept.forgettable(border)) };
    const alarm = createWake();
    const gone = await forgetAll(kept, border, async (_, took) => {
      await restBetween(alarm, undefined, took);
      return true;
    });
    return { oldest, ...gone };
  });
  print(context, { before: new Date(border).toISOString(), dryRun: dry, ...told }, forgottenText);
  return 0;
};

type Forgot = Forgotten & { readonly before: string; readonly dryRun: boolean; readonly oldest: string | null };

const forgottenText = (told: Forgot): string => {
  if (told.webhooks + told.deliveries === 0) {
    const oldest = told.oldest === null ? 'nothing was received yet' : `the oldest came ${told.oldest.slice(0, 10)}`;
    return `Nothing was over before ${told.before.slice(0, 10)} (${oldest}).
A booking, event or registration counts as over once its newest webhook was received
before that day, whenever it took place, its start and end lie before it too, and
nothing of it waits. Events stay while one of their registrations does.
`;
  }
  return `${told.dryRun ? 'It would forget' : 'Forgot'} what was over before ${told.before.slice(0, 10)}: ${told.resources} bookings, events and registrations, ${told.webhooks} webhooks, ${told.deliveries} deliveries.\n`;
};

const compact = async (context: Context): Promise<ExitCode> => {
  const { before, after } = await withKeeping(context, async ({ store: kept, file }) => {
    if (!file) {
      throw new OperatorError('The store is a PostgreSQL database, which looks after its space by itself.', {
        remedy: 'To shrink its files on disk all the same, run VACUUM FULL there while the bot is stopped.',
      });
    }
    const before = await kept.size();
    file.compact();
    return { before: before.bytes, after: (await kept.size()).bytes };
  });
  print(context, { before, after }, (told) => `${megabytes(told.before)} became ${megabytes(told.after)}.\n`);
  return 0;
};
