import { blocksOf, CHAT_METHODS, nextTs } from './slack-api-chat.ts';
import { json, type Method, need, SlackApiError } from './slack-api-workspace.ts';
import type { Screen } from './slack-app-screen.ts';
import type { SeenDialog, SeenMessage } from './slack-app-types.ts';
import { viewProblems } from './slack-app-views.ts';

export type Triggers = {
  /** Uses a trigger_id up, for what it came of; throws as Slack answers where that can't be done. */
  use(id: string | undefined): string;
  make(cause: string): string;
};

/** A trigger_id lives three seconds, and opens one dialog. */
export const createTriggers = (now: () => number): Triggers => {
  const triggers = new Map<string, { readonly cause: string; readonly madeAt: number; used: boolean }>();
  return {
    make(cause) {
      const id = `${triggers.size + 1}.${now()}.trigger`;
      triggers.set(id, { cause, madeAt: now(), used: false });
      return id;
    },
    use(id) {
      const trigger = triggers.get(id ?? '');
      if (!trigger) throw new SlackApiError('invalid_trigger_id');
      if (trigger.used) throw new SlackApiError('exchanged_trigger_id');
      if (now() - trigger.madeAt >= 3_000) throw new SlackApiError('expired_trigger_id');
      trigger.used = true;
      return trigger.cause;
    },
  };
};

export type AppMethodsDeps = {
  readonly screen: Screen;
  readonly triggers: Triggers;
  /** What the person asked last, to know what a message of the Web API came of. */
  readonly lastCauseOf: (user: string) => string | undefined;
  readonly groups: Readonly<Record<string, readonly string[]>>;
  readonly outsiders: ReadonlySet<string>;
  readonly socketUrl: () => string;
};

/** The methods of Slack's Web API that answers and dialogs need. */
export const appMethods = (deps: AppMethodsDeps): Readonly<Record<string, Method>> => {
  const { screen, triggers, lastCauseOf, groups, outsiders, socketUrl } = deps;

  const show = (message: Omit<SeenMessage, 'ts'>, user: string): string => {
    const ts = nextTs();
    screen.show({ ...message, ts }, lastCauseOf(user));
    return ts;
  };

  const postEphemeral: Method = (args, workspace) => {
    need(workspace, 'chat:write');
    const { user = '', text = '' } = args;
    const channel = workspace.channels.find(({ id }) => id === args.channel);
    if (!channel || (channel.private && !channel.member)) throw new SlackApiError('channel_not_found');
    if (channel.archived) throw new SlackApiError('is_archived');
    if (!channel.member) throw new SlackApiError('not_in_channel');
    if (outsiders.has(user)) throw new SlackApiError('user_not_in_channel');
    const blocks = blocksOf(args.blocks) ?? [];
    if (text.trim() === '' && blocks.length === 0) throw new SlackApiError('no_text');
    const message = { channel: channel.id, onlyFor: user, thread: args.thread_ts, text, blocks };
    return { message_ts: show({ ...message, by: 'chat.postEphemeral' }, user) };
  };

  /** To a person's id goes a direct message; the rest is as ever. */
  const postMessage: Method = (args, workspace) => {
    const { channel = '', text = '' } = args;
    if (!/^[UWD]/.test(channel)) return CHAT_METHODS['chat.postMessage']?.(args, workspace) ?? {};
    need(workspace, 'chat:write');
    const blocks = blocksOf(args.blocks) ?? [];
    if (text.trim() === '' && blocks.length === 0) throw new SlackApiError('no_text');
    const message = {
      channel,
      onlyFor: channel,
      thread: args.thread_ts,
      text,
      blocks,
      by: 'chat.postMessage',
    } as const;
    return { channel: channel.replace(/^[UW]/, 'D'), ts: show(message, channel) };
  };

  const viewOf = (text: string | undefined): SeenDialog['view'] => {
    const view = json(text, 'invalid_arguments');
    const messages = viewProblems(view);
    if (messages.length > 0) throw new SlackApiError('invalid_arguments', { response_metadata: { messages } });
    return view as SeenDialog['view'];
  };

  const viewAnswer = ({ id, hash, view }: SeenDialog) => ({ view: { ...view, id, hash, team_id: 'T0EXAMPLE' } });

  return {
    'chat.postEphemeral': postEphemeral,
    'chat.postMessage': postMessage,
    'views.open': (args) => viewAnswer(screen.open(viewOf(args.view), triggers.use(args.trigger_id))),
    'views.update': (args) => {
      const view = viewOf(args.view);
      const dialog = screen.dialogs.find(({ id }) => id === args.view_id);
      if (!dialog?.open) throw new SlackApiError('not_found');
      if (args.hash !== undefined && args.hash !== dialog.hash) throw new SlackApiError('hash_conflict');
      return viewAnswer(screen.update(dialog.id, view) ?? dialog);
    },
    'usergroups.users.list': (args, workspace) => {
      need(workspace, 'usergroups:read');
      const users = groups[args.usergroup ?? ''];
      if (!users) throw new SlackApiError('no_such_subteam');
      return { users };
    },
    'conversations.open': (args, workspace) => {
      need(workspace, 'im:write');
      const [user = ''] = (args.users ?? '').split(',');
      if (!/^[UW]/.test(user)) throw new SlackApiError('user_not_found');
      return { channel: { id: user.replace(/^[UW]/, 'D') } };
    },
    'apps.connections.open': () => ({ url: socketUrl() }),
  };
};
