import type { WebClient } from '@slack/web-api';
import type { Actor } from '../../core/actor.ts';
import type { Answerer } from '../answer/answerer.ts';

/** Somebody who typed a command, pressed a button or submitted a dialog: where, and how they are answered. */
export type Asker = {
  readonly actor: Actor;
  /** Ids of the asker's workspace and of the payload's, undefined where Slack sends none; see isStranger. */
  readonly team: { readonly ofUser: string | undefined; readonly ofPayload: string | undefined };
  /** `name` as Slack sends it, without `#`; `directmessage` and `privategroup` stand for conversations without a name. */
  readonly channel: { readonly id: string; readonly name: string };
  /** The trigger_id, with which a dialog can be opened for three seconds. */
  readonly trigger: string;
  readonly responseUrl: string | undefined;
  /** The message whose button was pressed, and the thread it is a reply in. */
  readonly message: { readonly ts: string; readonly thread: string | undefined } | undefined;
  readonly client: WebClient;
  readonly answerer: Answerer;
};

/** What Slack's payloads of commands, clicks and submissions have in common (https://docs.slack.dev/interactivity). */
export type AskerFacts = Omit<Asker, 'answerer' | 'client'>;

/** The fields of a command's payload that are used (https://docs.slack.dev/interactivity/implementing-slash-commands). */
export type CommandBody = {
  readonly user_id: string;
  readonly user_name: string;
  readonly channel_id: string;
  readonly channel_name: string;
  readonly trigger_id: string;
  readonly response_url: string;
};

export const commandFacts = (body: CommandBody): AskerFacts => ({
  actor: { id: body.user_id, name: body.user_name, via: 'slack' },
  // Only members of the workspace can type a command.
  team: { ofUser: undefined, ofPayload: undefined },
  channel: { id: body.channel_id, name: body.channel_name },
  trigger: body.trigger_id,
  responseUrl: body.response_url,
  message: undefined,
});

/** The fields of a click's or a submission's payload that are used (https://docs.slack.dev/reference/interaction-payloads). */
export type InteractionBody = {
  readonly user: {
    readonly id: string;
    readonly username?: string | undefined;
    readonly name?: string | undefined;
    readonly team_id?: string | undefined;
  };
  readonly team?: { readonly id: string } | null | undefined;
  readonly channel?: { readonly id: string; readonly name?: string | undefined } | undefined;
  readonly container?: Readonly<Record<string, unknown>> | undefined;
  readonly trigger_id?: string | undefined;
  readonly response_url?: string | undefined;
};

export const interactionFacts = ({ user, team, ...body }: InteractionBody): AskerFacts => ({
  actor: { id: user.id, name: user.username ?? user.name ?? user.id, via: 'slack' },
  team: { ofUser: user.team_id, ofPayload: team?.id },
  channel: { id: body.channel?.id ?? textIn(body.container?.channel_id) ?? '', name: body.channel?.name ?? '' },
  trigger: body.trigger_id ?? '',
  responseUrl: body.response_url,
  message: messageIn(body.container),
});

const messageIn = (container: InteractionBody['container']): AskerFacts['message'] => {
  const ts = textIn(container?.message_ts);
  const thread = textIn(container?.thread_ts);
  return ts === undefined ? undefined : { ts, thread: thread === ts ? undefined : thread };
};

const textIn = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
