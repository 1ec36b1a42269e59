import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { ClaimedDelivery } from '../../src/core/delivery.ts';
import { DeliveryError } from '../../src/core/errors.ts';
import type { Channel } from '../../src/deliver/channel.ts';
import { createSlackChannel, type SlackChannelDeps } from '../../src/deliver/slack/channel.ts';
import { loadSlackTemplates } from '../../src/template/slack.ts';
import { viewOf } from '../../src/template/view.ts';
import { type Misbehaviour, type SlackApi, type SlackApiOptions, startSlackApi } from './slack-api.ts';
import { unhurried } from './slack-delivery.ts';
import { tempStore } from './temp.ts';

const TEMPLATES = fileURLToPath(new URL('../../templates/slack', import.meta.url));
const SETTINGS = { timezone: 'UTC', locale: 'en-US', public_url: 'http://localhost:3000' };

export type ChannelOptions = Partial<
  Pick<
    SlackChannelDeps,
    'token' | 'timeoutMs' | 'store' | 'interactive' | 'knownChannels' | 'onChannel' | 'now' | 'sleep'
  >
>;

let loaded: ReturnType<typeof loadSlackTemplates> | undefined;

/** The Slack channel with the templates that come with the bot, and a store of its own unless one is given. */
export const channelTo = async (apiUrl: string, options: ChannelOptions = {}): Promise<Channel> => {
  loaded ??= loadSlackTemplates(TEMPLATES);
  const { templates } = await loaded;
  const channel = createSlackChannel({
    token: 'xoxb-test',
    interactive: true,
    knownChannels: () => new Map(),
    onChannel: () => undefined,
    now: Date.now,
    ...options,
    store: options.store ?? (await tempStore()),
    apiUrl,
    templates: () => templates,
    view: (delivery) => viewOf(delivery.webhook, delivery, SETTINGS),
  });
  onTestFinished(() => channel.close?.());
  return channel;
};

/** A stand-in of Slack without its rate limit, for one test, and a channel to it. */
export const startSlack = async (
  options: SlackApiOptions & ChannelOptions = {},
): Promise<{ api: SlackApi; channel: Channel; store: SlackChannelDeps['store'] }> => {
  const api = await startSlackApi({ unlimited: true, ...options });
  onTestFinished(() => api.close());
  const store = options.store ?? (await tempStore());
  return { api, store, channel: await channelTo(api.url, { ...options, store }) };
};

/** The DeliveryError of an attempt, which has to fail. */
export const failureOf = async (
  channel: Channel,
  delivery: ClaimedDelivery,
  signal?: AbortSignal,
): Promise<DeliveryError> => {
  const outcome = await channel.perform(delivery, unhurried(signal)).catch((error: unknown) => error);
  if (outcome instanceof DeliveryError) return outcome;
  throw new Error(`the attempt did not fail with a DeliveryError: ${JSON.stringify(outcome)}`);
};

/** Only where nothing else ends a call does a test wait for the timeout. */
export const patience = (misbehaviour: Misbehaviour): { timeoutMs?: number } =>
  misbehaviour.as === 'hang' ? { timeoutMs: 1000 } : {};

/** The next attempt at a delivery whose outcome is not known, after whatever was on its way has arrived. */
export const again = (delivery: ClaimedDelivery): ClaimedDelivery => ({
  ...delivery,
  attempt: delivery.attempt + 1000,
  unclear: { startedAt: Date.now(), endedAt: 0, note: { posting: true } },
});

/** What was called, in order. */
export const methods = (api: SlackApi): string[] => api.calls.map(({ method }) => method);
