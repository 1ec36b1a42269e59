import type { Config } from '../config.ts';
import { OperatorError } from '../core/errors.ts';
import { describeProblem } from '../core/problem.ts';
import type { ActionKind, RuleDescription } from '../core/rule.ts';
import type { Team } from '../core/team.ts';
import { type RulesAnswer, rules } from '../query/rules.ts';
import type { CompiledRule } from '../route/compile.ts';
import { describeRules } from '../route/describe.ts';
import { effectiveRules } from '../route/effective.ts';
import { loadRulebook, type Rulebook } from '../route/rulebook.ts';
import { loadTemplates } from '../template/load.ts';
import type { ViewSettings } from '../template/view.ts';
import { pathsOf } from './paths.ts';
import { type Role, receives } from './role.ts';
import { readTeamOf } from './team.ts';

export const settingsOf = (config: Config): ViewSettings => ({
  timezone: config.timezone,
  locale: config.locale,
  public_url: config.publicUrl,
});

type Loaded = Awaited<ReturnType<typeof loadRulebook>>;

/** Loads rules and templates once, with every problem in them. */
export const loadRules = async (config: Config): Promise<Loaded> => {
  const paths = pathsOf(config);
  const templates = await loadTemplates(paths.templates);
  return loadRulebook({
    rulesFile: paths.rules,
    templates,
    settings: settingsOf(config),
    slackChannel: config.slackChannel,
    missingChannels: missingChannels(config),
  });
};

/** Channels that rules can't use, and how to configure them: outside production the outbox stands in for most. */
const missingChannels = (config: Config): ReadonlyMap<ActionKind | 'google', string> => {
  const missing = new Map<ActionKind | 'google', string>();
  if (config.production && !config.mail) missing.set('email', 'set SMTP_URL and MAIL_FROM');
  if (config.production && !config.slack) missing.set('slack', 'set SLACK_BOT_TOKEN');
  // Nothing stands in for a shared spreadsheet.
  if (config.googleAccountFile === undefined) missing.set('google', 'set GOOGLE_SERVICE_ACCOUNT_FILE');
  return missing;
};

/**
 * Throws an OperatorError that names everything which keeps the bot from starting. In production that includes a missing webhook
 * secret, which is generated elsewhere.
 */
export const refuseUnready = (config: Config, { rulebook, problems }: Loaded, role: Role = 'all'): void => {
  const found = problems.filter(({ severity }) => severity === 'error').map(describeProblem);
  if (config.production && config.webhookSecrets.length === 0 && receives(role)) {
    found.unshift('WEBKASA_WEBHOOK_SECRET is missing: set it to the secret that WebKasa shows beside the endpoint');
  }
  if (rulebook && found.length === 0) return;
  throw new OperatorError(`The bot can't start:\n${found.map((problem) => `  - ${problem}`).join('\n')}`, {
    remedy: 'Mend them and start again; `npm run cli -- check` looks at the rules and templates without starting.',
  });
};

/** The rules; throws an OperatorError that names every error where they can't be used. */
export const requireRulebook = ({ rulebook, problems }: Loaded): Rulebook => {
  if (rulebook) return rulebook;
  const errors = problems.filter(({ severity }) => severity === 'error').map(describeProblem);
  throw new OperatorError(`The rules can't be used:\n${errors.map((error) => `  - ${error}`).join('\n')}`, {
    remedy: 'Mend them; `npm run cli -- check` tells more.',
  });
};

/** The rules in effect, read anew for one call of the command line. The settings `teamOf` say where the team document is. */
export const readRules = async (config: Config, teamOf = config): Promise<RulesAnswer> => {
  const rulebook = requireRulebook(await loadRules(config));
  const { team, problem } = await readTeamOf(teamOf);
  return rules(describeRules(rulebook.rules, { slackChannel: config.slackChannel }), team, problem);
};

/** Slack channel names by id, as of when they were subscribed; empty where the team document can't be read. */
export const readChannelNames = async (config: Config): Promise<ReadonlyMap<string, string>> => {
  const read = await readTeamOf(config).catch(() => undefined);
  return new Map(read?.team.subscriptions.map(({ channel, channelName }) => [channel, channelName]));
};

/** Rules and subscriptions, as they are at the moment of the call. */
export type RulesInEffect = {
  readonly all: () => readonly CompiledRule[];
  readonly describe: () => readonly RuleDescription[];
  readonly answer: () => RulesAnswer;
  /** Ids of the rules that refer to a Slack channel. */
  readonly namedBy: (channel: string) => readonly string[];
};

/** Combines the rules file with the team document. */
export const rulesInEffect = (
  config: Pick<Config, 'slackChannel'>,
  rulebook: () => Pick<Rulebook, 'rules'>,
  team: { readonly current: () => Team; readonly problem: () => string | undefined },
): RulesInEffect => {
  const all = (): readonly CompiledRule[] => effectiveRules(rulebook(), team.current());
  const describe = (): readonly RuleDescription[] => describeRules(all(), { slackChannel: config.slackChannel });
  return {
    all,
    describe,
    answer: () => rules(describe(), team.current(), team.problem()),
    namedBy: (channel) => describe().flatMap(({ id, channels }) => (channels.includes(channel) ? [id] : [])),
  };
};
