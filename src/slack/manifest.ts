import type { AppsManifestCreateArguments } from '@slack/web-api';

/** A Slack app's manifest, as https://docs.slack.dev/reference/app-manifest describes it. */
export type SlackManifest = AppsManifestCreateArguments['manifest'];

export type ManifestOptions = {
  /** `http`: Slack calls the bot at its public address. `socket`: the bot calls Slack, and needs none. */
  readonly mode: 'http' | 'socket';
  /** Where Slack reaches the bot over https; without a path. Not used in Socket Mode. */
  readonly publicUrl: string;
  /** What people see beside messages; 35 characters at the most. */
  readonly name?: string;
};

export const SLASH_COMMAND = '/webkasa';

/** Where Slack's requests arrive; part of what is set up in Slack, so it never changes. */
export const EVENTS_PATH = '/slack/events';

export const LONGEST_NAME = 35;

/** What the bot's token has to be allowed, and what for. */
export const BOT_SCOPES = [
  // /webkasa
  'commands',
  // cards and answers; in public channels without an invitation
  'chat:write',
  'chat:write.public',
  // channels by their names
  'channels:read',
  'groups:read',
  // whether a message was posted, where the connection broke meanwhile
  'channels:history',
  'groups:history',
  // the same in public channels that nobody invited the bot to
  'channels:join',
  // answers where the bot is not in the channel
  'im:write',
  // who is in a user group of SLACK_OPERATORS
  'usergroups:read',
] as const;

/** Everything that has to be set up in Slack for the bot, in one document. */
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
      // Answers come as direct messages where the bot is not in the channel; nobody has to write back.
      app_home: { home_tab_enabled: false, messages_tab_enabled: true, messages_tab_read_only_enabled: true },
      bot_user: { display_name: 'webkasa', always_online: true },
      slash_commands: [
        {
          command: SLASH_COMMAND,
          description: 'Look up bookings, see why something was sent or not, and have it sent again',
          usage_hint: 'search WORDS · today · upcoming · why ID · failed · help',
          // What is typed reaches the bot as it was typed: an address stays an address.
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
