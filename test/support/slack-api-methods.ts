import { CHAT_METHODS } from './slack-api-chat.ts';
import { CONVERSATION_METHODS } from './slack-api-conversations.ts';
import type { Method } from './slack-api-workspace.ts';

export {
  type Answer,
  type Args,
  json,
  type Method,
  need,
  page,
  type SlackApiChannel,
  SlackApiError,
  type SlackApiPost,
  type Workspace,
} from './slack-api-workspace.ts';

const authTest: Method = () => ({
  url: 'https://example.slack.com/',
  team: 'Example',
  team_id: 'T0EXAMPLE',
  user: 'webkasa',
  user_id: 'U0WEBKASA',
  bot_id: 'B0WEBKASA',
});

/** What posting and reading need of Slack's Web API. */
export const METHODS: Readonly<Record<string, Method>> = {
  'auth.test': authTest,
  ...CHAT_METHODS,
  ...CONVERSATION_METHODS,
};
