import type { Config } from '../config.ts';
import type { Channel } from '../deliver/channel.ts';
import { previewFingerprint } from '../deliver/preview.ts';
import type { RerunDeps } from '../query/rerun.ts';
import type { CompiledRule } from '../route/compile.ts';
import { planAgain } from '../route/replan.ts';
import { silentLog } from '../runtime/log.ts';
import type { Store } from '../store/ports.ts';
import { channelsOf } from './channels.ts';
import { openFacts } from './facts.ts';
import { loadRules, requireRulebook, rulesInEffect, settingsOf } from './rules.ts';
import type { TimedStore } from './storage.ts';
import { readTeamOf } from './team.ts';

/** What a rerun needs: today's rules, and channels that can preview what they would deliver. */
export const rerunDeps = (
  config: Config,
  store: Store,
  rules: () => readonly CompiledRule[],
  channels: readonly Channel[],
): RerunDeps => {
  const context = { settings: settingsOf(config), defaults: { slackChannel: config.slackChannel } };
  return {
    store,
    plan: (routed, run) => planAgain(routed, context, rules(), run),
    fingerprint: (planned, routed) => previewFingerprint(channels, planned, routed),
  };
};

/**
 * The same for one call of the command line, beside a running bot or without one; the bot performs what is planned. Throws an
 * OperatorError where the rules can't be used.
 */
export const openRerun = async (config: Config, store: TimedStore): Promise<RerunDeps & AsyncDisposable> => {
  const rulebook = requireRulebook(await loadRules(config));
  const { team } = await readTeamOf(config);
  const inEffect = rulesInEffect(config, () => rulebook, { current: () => team, problem: () => undefined });
  const facts = openFacts(config, { log: silentLog(), now: store.clock });
  const channels = channelsOf(config, {
    facts,
    templates: () => rulebook.templates,
    store,
    team: () => team,
    onChannel: () => {},
    now: store.clock,
    clock: store.clock,
  });
  return {
    ...rerunDeps(config, store, inEffect.all, channels),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(channels.map((channel) => channel.close?.()));
      await facts?.[Symbol.asyncDispose]();
    },
  };
};
