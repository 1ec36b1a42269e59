import { retry, retryAll } from '../../query/retry.ts';
import type { SlackAnswer } from '../view/answer.ts';
import { retryAllView, retryView } from '../view/retry.ts';
import type { Asker } from './asker.ts';
import type { HandleDeps } from './deps.ts';

/** Makes due now what failed or waits under an id, or with `all` under any. A repeated click finds nothing left to do. */
export const retryNow = async (
  { store, onDue, look }: Pick<HandleDeps, 'store' | 'onDue' | 'look'>,
  { actor }: Pick<Asker, 'actor'>,
  id: string,
): Promise<SlackAnswer> => {
  const { now } = look();
  const answer =
    id === 'all'
      ? retryAllView(await retryAll(store, actor, now), look())
      : retryView(await retry(store, id, actor, now), look());
  onDue();
  return answer;
};
