import { hash } from 'node:crypto';
import type { Actor } from './actor.ts';
import type { BrokenChannel, Filter, PausedRule, Subscription, Team, TeamDocument } from './team.ts';

/*
 * All that can be changed in the team's document, as pure functions. Each returns the next team, the very same object
 * where nothing changes, and what came of it.
 */

export type Changed<Outcome> = { readonly team: Team; readonly outcome: Outcome };

/** Has a change made, and tells what came of it. Rejects as TeamDocument.update does. */
export const changeTeam = async <Outcome>(
  document: Pick<TeamDocument, 'update'>,
  change: (team: Team) => Changed<Outcome>,
): Promise<Outcome> => {
  const outcomes: Outcome[] = [];
  await document.update((team) => {
    const changed = change(team);
    outcomes.push(changed.outcome);
    return changed.team;
  });
  // A document that changed under the change has it made anew; the last one counts.
  return outcomes.at(-1) as Outcome;
};

export const EMPTY_TEAM: Team = { subscriptions: [], paused: [], broken: [] };

/**
 * Subscribes a channel; `known` where it hears of the same types under the same filters already. The channel has just
 * taken a welcome message, so it no longer counts as broken.
 */
export const addSubscription = (
  team: Team,
  wanted: Omit<Subscription, 'id'>,
): Changed<{ readonly did: 'added' | 'known'; readonly subscription: Subscription }> => {
  const working = markWorking(team, wanted.channel).team;
  const print = contentOf(wanted);
  const known = working.subscriptions.find((subscription) => contentOf(subscription) === print);
  if (known) return { team: working, outcome: { did: 'known', subscription: known } };
  const subscription = { id: freeId(working, print), ...wanted };
  return {
    team: { ...working, subscriptions: [...working.subscriptions, subscription] },
    outcome: { did: 'added', subscription },
  };
};

/** In whatever order types and filters are named. */
const contentOf = ({ channel, types, filters }: Omit<Subscription, 'id'>): string =>
  JSON.stringify([channel, [...new Set(types)].sort(), [...new Set(filters.map(filterText))].sort()]);

const filterText = ({ field, not, value }: Filter): string => `${not ? '-' : ''}${field}:${value}`;

/** Made of what is subscribed to: subscribed anew after an end, it has the id it had, and what was told stays told. */
const freeId = ({ subscriptions }: Team, content: string): string => {
  for (let round = 0; ; round += 1) {
    const id = `sub_${hash('sha256', `${content}${round || ''}`, 'hex').slice(0, 8)}`;
    // Somebody may have written other types under an id by hand.
    if (!subscriptions.some((subscription) => subscription.id === id)) return id;
  }
};

/** Ends subscriptions, and their pauses with them. Ids that are unknown change nothing. */
export const removeSubscriptions = (
  team: Team,
  ids: readonly string[],
): Changed<{ readonly removed: readonly Subscription[] }> => {
  const removed = team.subscriptions.filter(({ id }) => ids.includes(id));
  if (removed.length === 0) return { team, outcome: { removed } };
  const isGone = (id: string): boolean => removed.some((subscription) => subscription.id === id);
  return {
    team: {
      ...team,
      subscriptions: team.subscriptions.filter(({ id }) => !isGone(id)),
      paused: team.paused.filter(({ rule }) => !isGone(rule)),
    },
    outcome: { removed },
  };
};

/** Pauses a rule or subscription; where it is paused already, that pause and its maker stay. `at` is ISO 8601. */
export const pauseRule = (
  team: Team,
  rule: string,
  by: Actor,
  at: string,
): Changed<{ readonly did: 'paused' | 'known'; readonly pause: PausedRule }> => {
  const known = team.paused.find((pause) => pause.rule === rule);
  if (known) return { team, outcome: { did: 'known', pause: known } };
  const pause = { rule, by, at };
  return { team: { ...team, paused: [...team.paused, pause] }, outcome: { did: 'paused', pause } };
};

/** Ends a pause; the outcome is the pause that ended, null where there was none. */
export const resumeRule = (team: Team, rule: string): Changed<PausedRule | null> => {
  const pause = team.paused.find((each) => each.rule === rule);
  if (!pause) return { team, outcome: null };
  return { team: { ...team, paused: team.paused.filter((each) => each.rule !== rule) }, outcome: pause };
};

/**
 * Notes that a channel can't be told. One that is broken already keeps since when, and whether the alert channel was told;
 * `same` where its reason did not change either.
 */
export const markBroken = (
  team: Team,
  broken: Omit<BrokenChannel, 'told'>,
): Changed<{ readonly did: 'broken' | 'changed' | 'same'; readonly channel: BrokenChannel }> => {
  const known = team.broken.find(({ channel }) => channel === broken.channel);
  if (known?.code === broken.code && known.message === broken.message) {
    return { team, outcome: { did: 'same', channel: known } };
  }
  const channel = known ? { ...known, code: broken.code, message: broken.message } : { ...broken, told: false };
  return {
    team: { ...team, broken: [...team.broken.filter((each) => each !== known), channel] },
    outcome: { did: known ? 'changed' : 'broken', channel },
  };
};

/** Notes that a channel takes messages again; the outcome is what was known of its failure, null where it was not broken. */
export const markWorking = (team: Team, channel: string): Changed<BrokenChannel | null> => {
  const known = team.broken.find((each) => each.channel === channel);
  if (!known) return { team, outcome: null };
  return { team: { ...team, broken: team.broken.filter((each) => each.channel !== channel) }, outcome: known };
};

/** Notes that the alert channel has been told of a broken channel; `false` where it is not broken, or was told before. */
export const markTold = (team: Team, channel: string): Changed<boolean> => {
  const known = team.broken.find((each) => each.channel === channel);
  if (!known || known.told) return { team, outcome: false };
  const broken = team.broken.map((each) => (each === known ? { ...each, told: true } : each));
  return { team: { ...team, broken }, outcome: true };
};
