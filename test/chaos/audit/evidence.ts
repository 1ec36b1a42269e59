import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import type { Store, StoryDelivery, StoryWebhook } from '../../../src/store/ports.ts';
import type { SlackApiPost } from '../../support/slack-api-methods.ts';
import { ALERTS, type Sinks } from '../sinks.ts';
import type { Told } from '../stories.ts';
import type { LogLine } from '../system.ts';

/** All that an audit looks at: what was accepted, what the store says of it, and what arrived. */
export type Evidence = {
  /** What was answered 200. */
  readonly accepted: ReadonlyMap<string, Told>;
  /** What the store has under the id of each. */
  readonly stored: ReadonlyMap<string, readonly StoredWebhook[]>;
  /** The deliveries of mails that were taken, in order of arrival. */
  readonly mails: readonly string[];
  /** How often a mail was taken whose sender did not hear so. */
  readonly unanswered: ReadonlyMap<string, number>;
  readonly posts: readonly SlackApiPost[];
  /** Rows of the sheet that has one for each webhook, and of the one that has one for each booking. */
  readonly rows: readonly { readonly Webhook: string; readonly About: string }[];
  readonly states: readonly { readonly About: string; readonly Step: string }[];
  /** Warnings and worse that the processes logged, and whatever was no line of the log. */
  readonly lines: readonly LogLine[];
  /** Processes that ended though nobody made them. */
  readonly endings: readonly string[];
  /** When connections to the mail server were cut (Unix milliseconds): a mail that was under way then may come twice. */
  readonly cuts: readonly number[];
  /** The rules that may have been in effect, as lists of ids. */
  readonly rules: readonly (readonly string[])[];
  /**
   * A decision is dated when it is made, and there for other processes once it is committed, up to so many milliseconds
   * later; what one of them begins meanwhile, it begins without knowing. 0 where one process does both, one after the other.
   */
  readonly commit: number;
  /** Whether a clock was wrong: then the store's times prove nothing. */
  readonly wrongClock: boolean;
};

/** Of a webhook in the store, without its body. */
export type StoredWebhook = Pick<StoryWebhook, 'id' | 'createdAt' | 'receivedAt' | 'decidedAt' | 'decisions'> & {
  readonly deliveries: readonly Delivery[];
};

export type Delivery = Pick<
  StoryDelivery,
  'id' | 'webhookId' | 'rule' | 'kind' | 'destination' | 'status' | 'supersededBy' | 'together' | 'attempts'
>;

const AT_ONCE = 8;

/** What the store has of each, asked as `why` asks. */
export const storedOf = async (
  store: Pick<Store, 'story'>,
  accepted: ReadonlyMap<string, unknown>,
): Promise<Map<string, StoredWebhook[]>> => {
  const stored = new Map<string, StoredWebhook[]>();
  const waiting = accepted.keys();
  const ask = async (): Promise<void> => {
    for (const id of waiting) stored.set(id, (await store.story(id)).webhooks.map(bare));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, ask));
  return stored;
};

const bare = ({ id, createdAt, receivedAt, decidedAt, decisions, deliveries }: StoryWebhook): StoredWebhook => ({
  id,
  createdAt,
  receivedAt,
  decidedAt,
  decisions,
  deliveries: deliveries.map(
    ({ id: delivery, webhookId, rule, kind, destination, status, supersededBy, together, attempts }) => ({
      id: delivery,
      webhookId,
      rule,
      kind,
      destination,
      status,
      supersededBy,
      together,
      attempts,
    }),
  ),
});

/** The rows of a sheet; none where there is no such file. */
export const rowsOf = async <Row>(dataDir: string, file: string): Promise<Row[]> => {
  const text = await readFile(join(dataDir, 'sheets', file)).catch(() => '');
  return parse(text, { columns: true }) as Row[];
};

/** What arrived, as the sinks and the folder have it now. */
export const arrivedAt = async (sinks: Sinks, dataDir: string) => ({
  mails: [...sinks.mails()],
  unanswered: new Map(sinks.unanswered()),
  posts: sinks.slack.posts.filter(({ channel }) => channel !== ALERTS),
  rows: await rowsOf<Evidence['rows'][number]>(dataDir, 'all.csv'),
  states: await rowsOf<Evidence['states'][number]>(dataDir, 'state.csv'),
});
