import { z } from 'zod';
import { type Check, type CheckTools, type Found, ok, problem, warning } from './check.ts';

export type SlackDoctorDeps = {
  readonly token: string;
  readonly apiUrl: string;
  /** The token for Socket Mode; undefined if none is set. */
  readonly appToken: string | undefined;
  readonly scopes: readonly string[];
  /** Maps each channel, by name (#bookings) or id, to how findings name it: `#bookings (rule new-booking)`. */
  readonly channels: ReadonlyMap<string, string>;
};

const AnswerSchema = z.looseObject({ ok: z.boolean(), error: z.string().optional() });
const AuthSchema = z.looseObject({ team: z.string().default(''), user: z.string().default('') });
const ListSchema = z.looseObject({
  channels: z.array(
    z.looseObject({
      id: z.string(),
      name: z.string().default(''),
      is_member: z.boolean().default(false),
      is_private: z.boolean().default(false),
      is_archived: z.boolean().default(false),
    }),
  ),
  response_metadata: z.looseObject({ next_cursor: z.string().default('') }).optional(),
});

type Channel = z.infer<typeof ListSchema>['channels'][number];

/** Checks the bot's token and scopes, the channels named in rules and subscriptions, and the token for Socket Mode. */
export const slackChecks = (deps: SlackDoctorDeps): Check[] => [
  { name: 'Slack token', run: (tools) => tokenFindings(deps, tools) },
  { name: 'Slack channels', run: (tools) => channelFindings(deps, tools) },
  ...(deps.appToken === undefined
    ? []
    : [{ name: 'Slack app token', run: (tools: CheckTools) => appTokenFindings(deps, deps.appToken ?? '', tools) }]),
];

const REINSTALL = 'Add them under OAuth & Permissions, Bot Token Scopes, and install the app anew.';

const tokenFindings = async (deps: SlackDoctorDeps, tools: CheckTools): Promise<Found[]> => {
  const { answer, granted } = await call(deps, tools, { method: 'auth.test' });
  if (!answer.ok) return [refused('SLACK_BOT_TOKEN', answer.error)];
  const { team, user } = AuthSchema.parse(answer);
  const missing = granted ? deps.scopes.filter((scope) => !granted.includes(scope)) : [];
  if (missing.length === 0) return [ok(`@${user} in the workspace ${team}, with every scope`)];
  return [warning(`@${user} in the workspace ${team} lacks the scopes ${missing.join(', ')}.`, REINSTALL)];
};

const channelFindings = async (deps: SlackDoctorDeps, tools: CheckTools): Promise<Found[]> => {
  const found: Channel[] = [];
  let granted: readonly string[] | undefined;
  let cursor = '';
  do {
    const { answer, granted: scopes } = await call(deps, tools, {
      method: 'conversations.list',
      args: { types: 'public_channel,private_channel', limit: '1000', ...(cursor && { cursor }) },
    });
    if (!answer.ok) return [refused('SLACK_BOT_TOKEN', answer.error)];
    const list = ListSchema.parse(answer);
    granted = scopes;
    found.push(...list.channels);
    cursor = list.response_metadata?.next_cursor ?? '';
  } while (cursor !== '');
  const anywhere = granted?.includes('chat:write.public') ?? true;
  const findings = [...deps.channels].flatMap(([named, shown]) => channelFinding(named, shown, found, anywhere));
  if (findings.length > 0) return findings;
  const { size } = deps.channels;
  return [ok(size === 1 ? 'the one that is named can be told' : `all ${size} that are named can be told`)];
};

const channelFinding = (named: string, shown: string, channels: readonly Channel[], anywhere: boolean): Found[] => {
  const name = named.replace(/^#/, '');
  const matching = channels.filter((channel) => channel.id === named || channel.name === name);
  const channel = matching.find(({ is_archived }) => !is_archived) ?? matching[0];
  if (!channel) {
    return [
      problem(`${shown} is not found.`, 'Mend its name; where it is private, invite the bot: /invite @ and its name.'),
    ];
  }
  if (channel.is_archived) return [problem(`${shown} is archived.`, 'Unarchive it, or name another.')];
  if (channel.is_member || (!channel.is_private && anywhere)) return [];
  return [problem(`The bot is not in ${shown}.`, 'Invite it there: /invite @ and its name.')];
};

const appTokenFindings = async (deps: SlackDoctorDeps, appToken: string, tools: CheckTools): Promise<Found[]> => {
  const { answer } = await call({ ...deps, token: appToken }, tools, { method: 'apps.connections.open' });
  return [answer.ok ? ok('Socket Mode can be used') : refused('SLACK_APP_TOKEN', answer.error)];
};

/** Slack's reason to refuse a token, and where to find the right one. Slack's error codes contain nothing of the token. */
const refused = (name: 'SLACK_BOT_TOKEN' | 'SLACK_APP_TOKEN', error = 'unknown'): Found => {
  const reason = /^[a-z0-9_]{1,80}$/.test(error) ? error : 'an answer that is not from Slack';
  const where =
    name === 'SLACK_BOT_TOKEN'
      ? 'the Bot User OAuth Token under OAuth & Permissions'
      : 'an App-Level Token with the scope connections:write, under Basic Information';
  return problem(
    `Slack refuses ${name}: ${reason}.`,
    reason === 'missing_scope' ? REINSTALL : `Set it to ${where} of the Slack app.`,
  );
};

type Called = { readonly answer: z.infer<typeof AnswerSchema>; readonly granted: readonly string[] | undefined };

const call = async (
  { token, apiUrl }: Pick<SlackDoctorDeps, 'token' | 'apiUrl'>,
  { signal, clock }: CheckTools,
  { method, args = {} }: { readonly method: string; readonly args?: Readonly<Record<string, string>> },
): Promise<Called> => {
  const response = await fetch(new URL(method, apiUrl), {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}` },
    body: new URLSearchParams(args),
    redirect: 'error',
    signal,
  }).catch((cause: unknown) => {
    throw new Error("Slack can't be reached: check the network, any proxy, and SLACK_API_URL.", { cause });
  });
  clock('Slack', response.headers.get('date'));
  const body: unknown = await response.json().catch(() => undefined);
  const answer = AnswerSchema.safeParse(body);
  const granted = response.headers
    .get('x-oauth-scopes')
    ?.split(',')
    .map((scope) => scope.trim());
  if (response.status === 429) throw new Error('Slack asks to wait: try again in a minute.');
  if (!answer.success) throw new Error(`Slack answers HTTP ${response.status}: check SLACK_API_URL and any proxy.`);
  return { answer: answer.data, granted };
};
