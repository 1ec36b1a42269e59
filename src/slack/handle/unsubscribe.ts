import { filterWords } from '../../core/filters.ts';
import { nearest } from '../../core/suggest.ts';
import type { Subscription, Team } from '../../core/team.ts';
import { changeTeam, removeSubscriptions } from '../../core/team-changes.ts';
import type { SlackAnswer } from '../view/answer.ts';
import { problemView } from '../view/problem.ts';
import { unsubscribedView } from '../view/subscription.ts';
import { recordAct } from './acts.ts';
import type { Asker } from './asker.ts';
import type { HandleDeps } from './deps.ts';
import { meantId } from './meant-id.ts';

type UnsubscribeDeps = Pick<HandleDeps, 'team' | 'store' | 'look' | 'log'>;

/**
 * Ends subscriptions of the channel the command was typed in: the only one, all, or those of the named types. A subscription
 * named by its id can be ended from any channel, since its own may be archived.
 */
export const unsubscribe = async (
  deps: UnsubscribeDeps,
  { actor, channel }: Pick<Asker, 'actor' | 'channel'>,
  which: string | null,
): Promise<SlackAnswer> => {
  const look = deps.look();
  // Chosen within the change: somebody may just have edited the document.
  const done = await changeTeam<Problem | Removed>(deps.team, (team) => {
    const chosen = choose(team, channel.id, which);
    return 'ids' in chosen ? removeSubscriptions(team, chosen.ids) : { team, outcome: chosen };
  });
  if ('problem' in done) return problemView({ ...done, about: 'unsubscribe' }, look);
  const { removed } = done;
  for (const subscription of removed) {
    const summary = `ended: ${subscription.channelName} is no longer told of ${wordsOf(subscription)}`;
    await recordAct(deps, { at: look.now, by: actor, kind: 'unsubscribe', subject: subscription.id, summary });
  }
  return unsubscribedView({ removed }, look);
};

type Problem = { readonly problem: string; readonly nearest: string | null };
type Choice = { readonly ids: readonly string[] } | Problem;
type Removed = { readonly removed: readonly Subscription[] };

const choose = ({ subscriptions }: Team, channel: string, which: string | null): Choice => {
  if (which?.startsWith('sub_')) return byId(subscriptions, which);
  const here = subscriptions.filter((subscription) => subscription.channel === channel);
  const ids = (chosen: readonly Subscription[]): string[] => chosen.map(({ id }) => id);
  if (here.length === 0) {
    const elsewhere = subscriptions.length > 0 ? ': rules lists the subscriptions of all channels' : '';
    return {
      problem: `This channel has no subscription${elsewhere}.`,
      nearest: elsewhere ? 'rules' : null,
    };
  }
  if (which === 'all' || (which === null && here.length === 1)) return { ids: ids(here) };
  if (which === null) return { problem: `Say which one ends. This channel has ${listOf(here)}.`, nearest: null };
  const named = here.filter(({ types }) => sameTypes(types, which.split(' ')));
  if (named.length > 0) return { ids: ids(named) };
  return {
    problem: `No subscription of this channel is of ${which}. It has ${listOf(here)}.`,
    nearest: here.length === 1 ? 'unsubscribe' : null,
  };
};

const byId = (subscriptions: readonly Subscription[], typed: string): Choice => {
  const ids = subscriptions.map(({ id }) => id);
  const meant = meantId(typed, ids);
  if (meant !== undefined) return { ids: [meant] };
  const near = nearest(typed, ids);
  return {
    problem: `There is no subscription ${typed}; it may have ended. rules lists those there are.`,
    nearest: near ? `unsubscribe ${near}` : 'rules',
  };
};

const sameTypes = (one: readonly string[], other: readonly string[]): boolean =>
  new Set(one).symmetricDifference(new Set(other)).size === 0;

const wordsOf = ({ types, filters }: Subscription): string => [types.join(', '), ...filterWords(filters)].join('; ');

const MOST = 8;

const listOf = (subscriptions: readonly Subscription[]): string => {
  const named = subscriptions.slice(0, MOST).map((subscription) => `${subscription.id} (${wordsOf(subscription)})`);
  const rest = subscriptions.length - named.length;
  return [...named, ...(rest > 0 ? [`${rest} more`] : [])].join(', ');
};
