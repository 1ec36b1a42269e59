import type { AppsManifestCreateArguments } from '@slack/web-api';

/** A Slack app's manifest, as https://docs.slack.dev/reference/app-manifest describes it. */
export type SlackManifest = AppsManifestCreateArguments['manifest'];

export type ManifestOptions = {
  /** `http`: Slack calls the bot at its public address. `socket`: the bot connects to Slack and needs no public address. */
  readonly mode: 'http' | 'socket';
  /** The https address at which Slack reaches the bot, without a path. Not used in Socket Mode. */
  readonly publicUrl: string;
  /** The app's name as people see it beside messages; at most 35 characters. */
  readonly name?: string;
};

/** The command in the manifest; whoever sets up the app may name it otherwise. */
export const SLASH_COMMAND = '/webkasa';

/** The path of Slack's requests. It is part of each app's settings in Slack, so it must never change. */
export const EVENTS_PATH = '/slack/events';

/** Slack's limit for an app's name, in characters. */
export const LONGEST_NAME = 35;

/** The scopes that the bot's token needs, and what for. */
export const BOT_SCOPES = [
  // /webkasa
  'commands',
  // cards and answers, also in public channels the bot was not invited to
  'chat:write',
  'chat:write.public',
  // finding channels by name
  'channels:read',
  'groups:read',
  // finding out whether a message was posted after its request failed halfway
  'channels:history',
  'groups:history',
  // the same in public channels the bot was not invited to
  'channels:join',
  // answers as direct messages, where the bot is not in the channel
  'im:write',
  // the members of user groups in SLACK_OPERATORS
  'usergroups:read',
] as const;

/** The app manifest with everything that has to be set up in Slack for the bot. */
export const slackManifest = ({ mode, publicUrl, name = 'WebKasa' }: ManifestOptions): SlackManifest => {
  const url = `${publicUrl.replace(/\/+$/, '')}${EVENTS_PATH}`;
  const at = mode === 'http' ? { url } : {};
  const interactiveAt = mode === 'http' ? { request_url: url } : {};
  return {
    _metadata: { major_version: 2 },
    display_information: {
      name,
      description: 'Tells the team of bookings, events and registrations, and answers what became of them.',
      background_color: '#1f3a5f',
    },
    features: {
      // Answers come as direct messages where the bot is not in the channel; nobody needs to write back.
      app_home: { home_tab_enabled: false, messages_tab_enabled: true, messages_tab_read_only_enabled: true },
      bot_user: { display_name: 'webkasa', always_online: true },
      slash_commands: [
        {
          command: SLASH_COMMAND,
          description: 'Look up bookings, see why something was sent or not, and have it sent again',
          usage_hint: 'search WORDS · today · upcoming · why ID · failed · help',
          // Text reaches the bot as it was typed: a mail address does not become a link.
          should_escape: false,
          ...at,
        },
      ],
    },
    oauth_config: { scopes: { bot: [...BOT_SCOPES] } },
    settings: {
      interactivity: { is_enabled: true, ...interactiveAt },
      org_deploy_enabled: false,
      socket_mode_enabled: mode === 'socket',
      token_rotation_enabled: false,
    },
  };
};
