import type { ClaimedDelivery, PlannedSlack } from '../../core/delivery.ts';
import { DeliveryError, messageOf } from '../../core/errors.ts';
import { dataOf, type Webhook } from '../../core/webhook.ts';
import type { RenderedSlack, SlackTemplate } from '../../template/library.ts';
import { renderSlackText } from '../../template/slack.ts';
import type { View } from '../../template/view.ts';
import { fingerprintOf } from '../fingerprint.ts';

/** Identifies the bot's messages in a channel's history. Anyone in the workspace can read metadata: ids only. */
export const METADATA_TYPE = 'webkasa_delivery';

export type MessageDeps = {
  readonly templates: () => ReadonlyMap<string, SlackTemplate>;
  readonly view: (delivery: ClaimedDelivery) => View;
};

export const plannedSlack = ({ action, id }: ClaimedDelivery): PlannedSlack => {
  if (action.kind === 'slack') return action.slack;
  throw new TypeError(`The Slack channel was handed delivery ${id} of kind ${action.kind}`);
};

/** The event of a registration, whose card or thread it is reported in; undefined for other webhooks. */
export const eventOf = (webhook: Webhook): string | undefined => {
  const { event_id: event } = dataOf(webhook);
  const isRegistration = webhook.type.startsWith('registration.');
  return isRegistration && typeof event === 'string' && event !== '' ? event : undefined;
};

/** Renders what a delivery says; throws a permanent DeliveryError where its rule or template is at fault. */
export const renderDelivery = (delivery: ClaimedDelivery, deps: MessageDeps): RenderedSlack => {
  const { template, text } = plannedSlack(delivery);
  if (template === undefined && text !== undefined) return renderSlackText(text);
  return renderTemplate(template ?? ownTemplate(delivery.webhook.type, deps), delivery, deps);
};

/** The template of a resource's kind, where an action names none: `booking` for `booking.created`. */
export const ownTemplate = (type: string, { templates }: MessageDeps): string => {
  const kind = type.split('.')[0] ?? type;
  return templates().has(kind) ? kind : 'webhook';
};

export const renderTemplate = (name: string, delivery: ClaimedDelivery, deps: MessageDeps): RenderedSlack => {
  const template = deps.templates().get(name);
  if (!template) {
    throw new DeliveryError(
      'unknown_template',
      `There is no Slack template "${name}": add templates/slack/${name}.yaml or name another in the rule ${delivery.rule}, then retry.`,
      { verdict: 'permanent' },
    );
  }
  try {
    return template.render(deps.view(delivery));
  } catch (error) {
    throw new DeliveryError(
      'template_failed',
      `The Slack template "${name}" failed: ${messageOf(error)}. Mend it, then retry.`,
      { verdict: 'permanent', cause: error },
    );
  }
};

/** A digest of the content, without what differs each time it is posted. */
export const slackFingerprint = ({ text, blocks, link }: RenderedSlack): string =>
  fingerprintOf(text, blocks, link ?? null);
