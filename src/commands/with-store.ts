import type { Look } from '../query/cli/look.ts';
import { type Context, print } from './context.ts';
import { requireStore } from './require-store.ts';

type TimedStore = Awaited<ReturnType<typeof import('../app.ts').openStore>>;

/**
 * Opens the bot's store for one question, beside a running bot or without one. Throws an OperatorError if there is no store
 * yet. For comparisons with times in the store, use its `clock`.
 */
export const withStore = async <Answer>(
  context: Context,
  ask: (store: TimedStore) => Promise<Answer>,
): Promise<Answer> => {
  const { openStore, pathsOf } = await import('../app.ts');
  const config = context.config();
  await requireStore(config, pathsOf(config).database);
  await using store = await openStore(config, context.now);
  return await ask(store);
};

/** Prints an answer that may contain ids of Slack channels; in text for people they are replaced by the channels' names. */
export const printNamed = async <Answer>(
  context: Context,
  answer: Answer,
  text: (answer: Answer, look: Look) => string,
): Promise<void> => {
  const { readChannelNames } = await import('../app.ts');
  const channels = context.json ? new Map() : await readChannelNames(context.config());
  print(context, answer, (all, look) => text(all, { ...look, channels }));
};
