import { shortLine } from '../core/quote.ts';
import type { Reason } from '../core/rule.ts';
import type { PausedRule, Team } from '../core/team.ts';
import type { CompiledRule } from './compile.ts';
import type { Rulebook } from './rulebook.ts';
import { subscriptionRule } from './subscription.ts';

/** Memoised by team document, for as long as that object is in use. */
const made = new WeakMap<Team, { readonly rules: Rulebook['rules']; readonly effective: readonly CompiledRule[] }>();

/**
 * All rules in effect: those of the file, then the subscriptions, each with its pause. Returns the same array for the same
 * rules and the same team, so it is cheap to call for every webhook.
 */
export const effectiveRules = ({ rules }: Pick<Rulebook, 'rules'>, team: Team): readonly CompiledRule[] => {
  const last = made.get(team);
  if (last?.rules === rules) return last.effective;
  const pauses = new Map(team.paused.map((pause) => [pause.rule, pauseReason(pause)]));
  const effective = [...rules, ...team.subscriptions.map(subscriptionRule)].map((rule) => {
    const paused = pauses.get(rule.id);
    return paused ? { ...rule, paused } : rule;
  });
  made.set(team, { rules, effective });
  return effective;
};

const pauseReason = ({ rule, by, at }: PausedRule): Reason => ({
  code: 'paused',
  text: `paused by ${shortLine(by.name)} since ${minute(at)}; \`/webkasa resume ${rule}\` lets it go on`,
});

/** `2027-01-15 10:30 UTC` */
const minute = (iso: string): string => `${new Date(iso).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
