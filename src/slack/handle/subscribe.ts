import { WebAPIPlatformError, type WebClient } from '@slack/web-api';
import { OperatorError } from '../../core/errors.ts';
import { filterWords } from '../../core/filters.ts';
import type { Filter, Subscription } from '../../core/team.ts';
import { addSubscription, changeTeam } from '../../core/team-changes.ts';
import { codeOf } from '../answer/code.ts';
import type { SlackAnswer } from '../view/answer.ts';
import { problemView } from '../view/problem.ts';
import { subscribedView, welcomeMessage } from '../view/subscription.ts';
import { recordAct } from './acts.ts';
import type { Asker } from './asker.ts';
import type { HandleDeps } from './deps.ts';

type Wanted = { readonly types: readonly string[]; readonly filters: readonly Filter[] };
type SubscribeDeps = Pick<HandleDeps, 'team' | 'store' | 'look' | 'log'>;

/**
 * Subscribes the channel the command was typed in. The welcome message is posted first, because it proves that the bot can
 * post there: where Slack refuses it, nothing is subscribed and the answer says what to do about it.
 */
export const subscribe = async (
  deps: SubscribeDeps,
  asker: Asker,
  { types, filters }: Wanted,
): Promise<SlackAnswer> => {
  const look = deps.look();
  const { channel, actor } = asker;
  const told = (problem: string, again?: string): SlackAnswer =>
    problemView({ problem, about: 'subscribe', nearest: null, again }, look);
  if (isDirect(channel)) {
    return told(
      'A channel is subscribed from within: type this in the channel that is to be told. Here, ask with search, today or why.',
    );
  }
  const wanted: Omit<Subscription, 'id'> = {
    channel: channel.id,
    channelName: await nameOf(asker),
    types,
    filters,
    by: actor,
    at: new Date(look.now).toISOString(),
  };
  // Checked before anything is posted: a second welcome would be noise.
  const { did: before, subscription: known } = addSubscription(deps.team.current(), wanted).outcome;
  if (before === 'known') return subscribedView({ subscription: known, known: true }, look);

  const welcome = await post(asker.client, channel.id, welcomeMessage(wanted, look));
  if ('refused' in welcome) return told(...refusalWords(welcome.refused, commandText({ types, filters })));
  const { did, subscription } = await changeTeam(deps.team, (team) => addSubscription(team, wanted)).catch(
    async (error: unknown) => {
      await withdraw(asker.client, welcome);
      throw error;
    },
  );
  const summary = `subscribed ${wanted.channelName} to ${[types.join(', '), ...filterWords(filters)].join('; ')}`;
  // Somebody else subscribed the channel to the very same while the welcome was on its way.
  if (did === 'known') await withdraw(asker.client, welcome);
  else await recordAct(deps, { at: look.now, by: actor, kind: 'subscribe', subject: subscription.id, summary });
  return subscribedView({ subscription, known: did === 'known' }, look);
};

/** A direct message (`D…`), or a group direct message, which has no name of its own. */
const isDirect = ({ id, name }: Asker['channel']): boolean =>
  id.startsWith('D') || name === 'directmessage' || name.startsWith('mpdm-');

/** A command from a private channel does not carry its name. Falls back to the id, which is what counts anyway. */
const nameOf = async ({ channel, client }: Asker): Promise<string> => {
  if (channel.name !== 'privategroup' && channel.name !== '') return `#${channel.name}`;
  const info = await client.conversations.info({ channel: channel.id }).catch(() => undefined);
  return info?.channel?.name ? `#${info.channel.name}` : channel.id;
};

type Posted = { readonly channel: string; readonly ts: string };

const post = async (
  client: WebClient,
  channel: string,
  { text, blocks }: SlackAnswer,
): Promise<Posted | { readonly refused: string }> => {
  try {
    const { ts = '' } = await client.chat.postMessage({
      channel,
      text,
      blocks: [...blocks],
      unfurl_links: false,
      unfurl_media: false,
    });
    return { channel, ts };
  } catch (error) {
    if (error instanceof WebAPIPlatformError) return { refused: codeOf(error) };
    throw new OperatorError('Slack did not take the welcome message, so nothing was subscribed.', {
      remedy: 'Try again in a moment.',
      cause: error,
    });
  }
};

/** Deletes a welcome to a subscription that was not made. If Slack refuses, the answer to whoever asked has to do. */
const withdraw = async (client: WebClient, { channel, ts }: Posted): Promise<void> => {
  await client.chat.delete({ channel, ts }).catch(() => undefined);
};

/** Why Slack refused the welcome message, what to do about it, and the command to type again, if that helps. */
const refusalWords = (refused: string, typed: string): [problem: string, again?: string] => {
  const nothing = 'so nothing is subscribed';
  if (refused === 'not_in_channel' || refused === 'channel_not_found') {
    return [`The bot is not in this channel, ${nothing}: invite it with /invite, then type this again.`, typed];
  }
  if (refused === 'is_archived') return [`This channel is archived, ${nothing}.`];
  if (/restricted_action|no_permission|posting_to_channel_denied/.test(refused)) {
    return [`The bot may not post in this channel, ${nothing}: allow it in the channel's posting permissions.`, typed];
  }
  if (refused === 'missing_scope') {
    return [`The Slack app may not post here, ${nothing}: add the scope chat:write and reinstall the app.`, typed];
  }
  return [`Slack refused the welcome message (${refused}), ${nothing}.`, typed];
};

/** The command as it can be typed again. */
const commandText = ({ types, filters }: Wanted): string => {
  const conditions = filters.map(
    ({ field, not, value }) => `${not ? '-' : ''}${field}:${/[\s,]/.test(value) ? `"${value}"` : value}`,
  );
  return ['subscribe', ...types, ...(conditions.length > 0 ? ['where', ...conditions] : [])].join(' ');
};
