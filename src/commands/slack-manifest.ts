import { stringify } from 'yaml';
import type { Config } from '../config.ts';
import { EVENTS_PATH, LONGEST_NAME, type ManifestOptions, SLASH_COMMAND, slackManifest } from '../slack/manifest.ts';
import { command, UsageError } from './command.ts';

const NAME = 'slack-manifest';

export const slackManifestCommand = command({
  name: NAME,
  summary: 'print what sets up the Slack app, ready to paste',
  args: '',
  count: [0, 0],
  options: {
    socket: { type: 'boolean', help: 'for Socket Mode: the bot calls Slack and needs no public address' },
    http: { type: 'boolean', help: 'for HTTP: Slack calls the bot at its public address' },
    url: { type: 'string', value: 'URL', help: 'that address, if it is not PUBLIC_URL' },
    name: { type: 'string', value: 'NAME', help: 'what people see beside messages; WebKasa unless told' },
  },
  json: true,
  more: [
    'Prints the app manifest as YAML, and on standard error the steps to take with it. Unless told which, it is for HTTP where PUBLIC_URL is an https address and SLACK_APP_TOKEN is not set, and else for Socket Mode.',
  ],
  examples: ['slack-manifest', 'slack-manifest --http --url https://bot.example.com', 'slack-manifest > manifest.yaml'],
  run: async ({ values }, { config, json, out, err }) => {
    const options = optionsOf(values, config());
    const manifest = slackManifest(options);
    out.write(json ? `${JSON.stringify(manifest, null, 2)}\n` : stringify(manifest, { lineWidth: 0 }));
    if (!json) err.write(stepsOf(options));
    return 0;
  },
});

type Values = {
  readonly socket?: boolean;
  readonly http?: boolean;
  readonly url?: string;
  readonly name?: string;
};

const optionsOf = ({ socket, http, url, name = 'WebKasa' }: Values, config: Config): ManifestOptions => {
  const wrong = (message: string): UsageError => new UsageError(message, NAME);
  if (socket && http) throw wrong('Give --socket or --http, not both.');
  if (socket && url) throw wrong('--url goes with --http: in Socket Mode Slack calls no address.');
  if (name.trim() === '' || [...name].length > LONGEST_NAME)
    throw wrong(`--name takes 1 to ${LONGEST_NAME} characters, as Slack does.`);
  const publicUrl = url ?? config.publicUrl;
  const reachable = isReachable(publicUrl);
  const mode = http || url ? 'http' : socket || config.slackApp?.by === 'socket' || !reachable ? 'socket' : 'http';
  if (mode === 'http' && !reachable)
    throw wrong(
      `Slack can't call ${publicUrl}: it calls public https addresses only. Give one with --url or PUBLIC_URL, or use --socket.`,
    );
  return { mode, publicUrl, name };
};

/** Whether Slack could call this address, as far as its form shows: HTTPS, and no local name. */
const isReachable = (url: string): boolean => {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' && !/^(localhost|127\.|\[::1\]|0\.0\.0\.0)|\.(localhost|local|internal)$/.test(hostname);
};

const stepsOf = ({ mode, publicUrl }: ManifestOptions): string => {
  const reach =
    mode === 'socket'
      ? 'Basic Information, App-Level Tokens: generate one with the scope connections:write,\n   and set SLACK_APP_TOKEN to it (xapp-…).'
      : 'Basic Information, App Credentials: set SLACK_SIGNING_SECRET to the\n   Signing Secret.';
  const running =
    mode === 'socket'
      ? 'Start the bot again.'
      : `Start the bot again. Slack calls it at\n   ${publicUrl.replace(/\/+$/, '')}${EVENTS_PATH}.`;
  return `
The manifest above sets up the Slack app. What is left to do:

1. Open https://api.slack.com/apps?new_app=1, choose "From a manifest" and your
   workspace, and paste it. (For an app you have: its page "App Manifest".)
2. Install App: install it to the workspace, and set SLACK_BOT_TOKEN to the Bot
   User OAuth Token (xoxb-…).
3. ${reach}
4. ${running}
5. In Slack, type ${SLASH_COMMAND} help. Into private channels, /invite @webkasa first.
`;
};
