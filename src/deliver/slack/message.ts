import type { KnownBlock } from '@slack/web-api';
import type { ClaimedDelivery } from '../../core/delivery.ts';
import { DeliveryError, messageOf } from '../../core/errors.ts';
import type { RenderedSlack, SlackTemplate } from '../../template/library.ts';
import { renderSlackText } from '../../template/slack.ts';
import type { View } from '../../template/view.ts';

/** By this a message is found again in a channel's history. Anyone in the workspace can read it: ids only. */
export const METADATA_TYPE = 'webkasa_delivery';

/** The arguments of chat.postMessage (https://docs.slack.dev/reference/methods/chat.postMessage). */
export type SlackMessage = {
  readonly channel: string;
  readonly text: string;
  readonly blocks?: KnownBlock[];
  readonly metadata: { readonly event_type: string; readonly event_payload: { readonly delivery_id: string } };
  readonly unfurl_links: false;
  readonly unfurl_media: false;
  readonly link_names: false;
};

export type MessageDeps = {
  readonly templates: () => ReadonlyMap<string, SlackTemplate>;
  readonly view: (delivery: ClaimedDelivery) => View;
};

/** Renders a delivery; throws a permanent DeliveryError where its rule or template is at fault. */
export const slackMessage = (delivery: ClaimedDelivery, deps: MessageDeps): SlackMessage => {
  const { action } = delivery;
  if (action.kind !== 'slack') throw new TypeError(`The Slack channel was handed a delivery of kind ${action.kind}`);
  const { channel, template, text } = action.slack;
  const rendered = template === undefined ? renderSlackText(text ?? '') : renderTemplate(template, delivery, deps);
  return {
    channel,
    text: rendered.text,
    ...(rendered.blocks.length > 0 && { blocks: [...rendered.blocks] }),
    metadata: { event_type: METADATA_TYPE, event_payload: { delivery_id: delivery.id } },
    // Attendees can type addresses and names; neither becomes a preview or a mention.
    unfurl_links: false,
    unfurl_media: false,
    link_names: false,
  };
};

const renderTemplate = (name: string, delivery: ClaimedDelivery, deps: MessageDeps): RenderedSlack => {
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
