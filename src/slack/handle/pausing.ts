import { nearest } from '../../core/suggest.ts';
import { changeTeam, pauseRule, resumeRule } from '../../core/team-changes.ts';
import type { SlackAnswer } from '../view/answer.ts';
import { pausedView, resumedView } from '../view/pause.ts';
import { problemView } from '../view/problem.ts';
import { recordAct } from './acts.ts';
import type { Asker } from './asker.ts';
import type { HandleDeps } from './deps.ts';
import { meantId } from './meant-id.ts';

type PausingDeps = Pick<HandleDeps, 'team' | 'store' | 'rules' | 'look' | 'log'>;

/** Pauses a rule or subscription: it plans nothing until it is resumed. */
export const pause = async (
  deps: PausingDeps,
  { actor }: Pick<Asker, 'actor'>,
  typed: string,
): Promise<SlackAnswer> => {
  const look = deps.look();
  const rule = meantId(typed, idsOf(deps));
  if (rule === undefined) return unknownRule(deps, 'pause', typed, idsOf(deps));
  const at = new Date(look.now).toISOString();
  const { did, pause: made } = await changeTeam(deps.team, (team) => pauseRule(team, rule, actor, at));
  if (did === 'paused') {
    await recordAct(deps, { at: look.now, by: actor, kind: 'pause', subject: rule, summary: `paused ${rule}` });
  }
  return pausedView({ pause: made, known: did === 'known' }, look);
};

/** Resumes a paused rule or subscription, also one that is no longer in the rules file. */
export const resume = async (
  deps: PausingDeps,
  { actor }: Pick<Asker, 'actor'>,
  typed: string,
): Promise<SlackAnswer> => {
  const look = deps.look();
  const paused = deps.team.current().paused.map(({ rule }) => rule);
  const rule = meantId(typed, paused) ?? meantId(typed, idsOf(deps));
  if (rule === undefined) return unknownRule(deps, 'resume', typed, paused.length > 0 ? paused : idsOf(deps));
  const ended = await changeTeam(deps.team, (team) => resumeRule(team, rule));
  if (ended) {
    const summary = `resumed ${rule}, paused by ${ended.by.name} since ${ended.at}`;
    await recordAct(deps, { at: look.now, by: actor, kind: 'resume', subject: rule, summary });
  }
  return resumedView({ rule, pause: ended }, look);
};

const idsOf = ({ rules }: Pick<HandleDeps, 'rules'>): string[] => {
  const answer = rules();
  return [...answer.rules, ...answer.subscriptions].map(({ id }) => id);
};

const unknownRule = (
  deps: PausingDeps,
  name: 'pause' | 'resume',
  typed: string,
  ids: readonly string[],
): SlackAnswer => {
  const near = nearest(typed, ids);
  return problemView(
    {
      problem: `There is no rule or subscription “${typed.slice(0, 60)}”; rules lists those there are.`,
      about: name,
      nearest: near ? `${name} ${near}` : 'rules',
    },
    deps.look(),
  );
};
