import type { PlannedDelivery } from '../core/delivery.ts';
import type { RoutedWebhook } from '../core/routed.ts';
import { withUntold } from '../core/untold.ts';
import { versionOf } from '../core/webhook.ts';
import type { StoryWebhook } from '../store/ports.ts';
import { readWebhook } from './read-webhook.ts';
import type { RerunTarget } from './rerun-target.ts';

/**
 * The webhook as a rerun of this delivery would report it. A mail also reports the changes of older webhooks whose mails to
 * the same recipient were superseded since the last one that went out; the stores do the same when such a mail is claimed.
 */
export const asReported = (delivery: PlannedDelivery, { routed, older }: RerunTarget): RoutedWebhook => {
  if (delivery.kind !== 'email') return routed;
  const { changedFrom: _, ...rest } = routed;
  const { movedFrom, changedFrom } = withUntold(routed.webhook, routed, untoldIn(older, delivery.destination));
  return { ...rest, movedFrom, ...(changedFrom && { changedFrom }) };
};

/** The older webhooks that the recipient was not told of, newest first. */
const untoldIn = (older: readonly StoryWebhook[], destination: string): StoryWebhook[] => {
  const newestFirst = older.toSorted((one, other) => versionIn(other) - versionIn(one));
  const mails = (webhook: StoryWebhook) => webhook.deliveries.filter((mail) => mail.destination === destination);
  const told = newestFirst.findIndex((webhook) => mails(webhook).some(({ status }) => status === 'done'));
  return newestFirst
    .slice(0, told < 0 ? undefined : told)
    .filter((webhook) =>
      mails(webhook).some(
        ({ status, attempts }) => status === 'superseded' && attempts.every(({ code }) => code !== 'nothing_new'),
      ),
    );
};

const versionIn = (stored: StoryWebhook): number => versionOf(readWebhook(stored), stored.receivedAt);
