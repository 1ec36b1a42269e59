import { asOne, type Change } from './changes.ts';
import { startOf } from './resource.ts';
import { dataOf, type Webhook } from './webhook.ts';

/**
 * What a mail about a webhook reports as changed: its own change, merged with `untold`, the changes before it that its
 * recipient was not told of, newest first. Once the resource is over, earlier changes are no news any more.
 */
export const withUntold = (webhook: Webhook, own: Change, untold: readonly Change[]): Change => {
  if (untold.length === 0 || /\.(?:cancelled|completed)$/.test(webhook.type)) return own;
  const data = dataOf(webhook);
  return asOne([own, ...untold], { start: startOf(data), data });
};
