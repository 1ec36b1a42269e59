import type { ClaimedDelivery, PlannedDelivery } from '../core/delivery.ts';
import { DeliveryError, messageOf } from '../core/errors.ts';
import type { RoutedWebhook } from '../core/routed.ts';
import type { Channel } from './channel.ts';

/** A planned delivery in the form that channels get, to render what it would say. It must never be performed. */
export const previewDelivery = (planned: PlannedDelivery, routed: RoutedWebhook): ClaimedDelivery => ({
  id: planned.id,
  rule: planned.rule,
  kind: planned.kind,
  destination: planned.destination,
  action: planned.action,
  webhook: routed.webhook,
  receivedAt: routed.receivedAt,
  movedFrom: routed.movedFrom,
  event: routed.event,
  ...(routed.changedFrom && { changedFrom: routed.changedFrom }),
  tries: 1,
  attempt: 0,
  // As if the webhook itself had planned it: that it is a rerun makes no difference to the content.
  rerun: null,
  version: planned.version,
  // As if nothing newer were known: whether it still makes sense is not part of the content.
  latest: null,
  unclear: null,
});

/**
 * A digest of what a planned delivery would say, or the error where it can't be rendered or its channel is not configured.
 * Never rejects.
 */
export const previewFingerprint = async (
  channels: readonly Pick<Channel, 'kind' | 'fingerprint'>[],
  planned: PlannedDelivery,
  routed: RoutedWebhook,
): Promise<string | DeliveryError> => {
  const channel = channels.find(({ kind }) => kind === planned.kind);
  if (!channel) {
    return new DeliveryError('no_channel', `${planned.kind} is not configured: .env.example says what to set`, {
      verdict: 'channel',
    });
  }
  try {
    return await channel.fingerprint(previewDelivery(planned, routed));
  } catch (error) {
    return error instanceof DeliveryError
      ? error
      : new DeliveryError('internal', `Unexpected failure: ${messageOf(error)}`, {
          verdict: 'permanent',
          cause: error,
        });
  }
};
