import type { Act } from '../../core/actor.ts';
import { traceOf } from '../trace.ts';
import type { HandleDeps } from './deps.ts';

/**
 * Keeps what was done to the team's document. It is done by then, so a store that fails does not take the answer away: the
 * log has who did what in its place.
 */
export const keepAct = async ({ store, log }: Pick<HandleDeps, 'store' | 'log'>, act: Act): Promise<void> => {
  const { kind, subject, by } = act;
  await store.recordAct(act).catch((error: unknown) => {
    log.error({ kind, subject, by: by.id, error: traceOf(error) }, 'what somebody did in Slack could not be recorded');
  });
};
