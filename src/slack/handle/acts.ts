import type { Act } from '../../core/actor.ts';
import { traceOf } from '../trace.ts';
import type { HandleDeps } from './deps.ts';

/**
 * Records what somebody did to the team's document. It is done by then, so a failing store does not fail the command: the log
 * has who did what instead. Never rejects.
 */
export const recordAct = async ({ store, log }: Pick<HandleDeps, 'store' | 'log'>, act: Act): Promise<void> => {
  const { kind, subject, by } = act;
  await store.recordAct(act).catch((error: unknown) => {
    log.error({ kind, subject, by: by.id, error: traceOf(error) }, 'what somebody did in Slack could not be recorded');
  });
};
