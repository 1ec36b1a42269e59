import type { SlackApi, SlackApiOptions } from './slack-api.ts';

/** Somebody in Slack. */
export type Person = {
  readonly id: string;
  readonly name: string;
  /** Their own workspace; another one's for guests from a shared channel. */
  readonly team?: string;
};

/** A message as it is on a screen now. */
export type SeenMessage = {
  readonly ts: string;
  /** A channel's id, or the person's for a direct message. */
  readonly channel: string;
  /** Who alone sees it; undefined where the whole channel does. */
  readonly onlyFor: string | undefined;
  readonly thread: string | undefined;
  readonly text: string;
  readonly blocks: readonly unknown[];
  /** By which way it came. */
  readonly by: 'ack' | 'response_url' | 'chat.postEphemeral' | 'chat.postMessage';
};

/** An open dialog, as it is now. */
export type SeenDialog = {
  readonly id: string;
  /** Changes at every update. */
  readonly hash: string;
  readonly view: Readonly<Record<string, unknown>>;
  readonly open: boolean;
};

/** What Slack was told in the three seconds it waits. */
export type Acked = {
  /** The HTTP status (200 for an acknowledged envelope); 0 for none in time, which the person sees as operation_timeout. */
  readonly status: number;
  /** The JSON of the answer, its text where it is none, or undefined where it is empty. */
  readonly body: unknown;
  readonly milliseconds: number;
};

/** A command, click or submission, and all that comes of it. */
export type Interaction = {
  readonly acked: Acked;
  readonly triggerId: string;
  readonly responseUrl: string;
  /** All messages that came of it and are still there, oldest first, as they are now. */
  messages(): readonly SeenMessage[];
  /** The first of them that matches, as soon as there is one; rejects after ten seconds, telling what there is. */
  message(matches?: (message: SeenMessage) => boolean): Promise<SeenMessage>;
  /** The dialog that it opened, as soon as it is open and matches. */
  dialog(matches?: (dialog: SeenDialog) => boolean): Promise<SeenDialog>;
};

export type AskOptions = {
  /** Anna (U0ANNA) unless told. */
  readonly user?: Person;
  /** The channel's id; #bookings (C0BOOKINGS) unless told. `D…` for a direct message with the bot. */
  readonly channel?: string;
  /** The command; /webkasa unless told. */
  readonly command?: string;
};

export type ClickOptions = {
  readonly user?: Person;
  /** Which of several buttons with that action id: by what stands on it, or by its value. */
  readonly label?: string;
  readonly value?: string;
};

export type SubmitOptions = {
  readonly user?: Person;
};

/** Values of a dialog's inputs: block id, then action id, then what Slack sends of it. For checkboxes, the values ticked suffice. */
export type DialogState = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** How Slack reaches the bot. */
export type Transport =
  | { readonly by: 'http'; readonly url: string; readonly signingSecret: string }
  | { readonly by: 'socket' };

export type SlackAppOptions = SlackApiOptions & {
  readonly appToken?: string;
  /** User groups and who is in them. */
  readonly groups?: Readonly<Record<string, readonly string[]>>;
  /** People who are in no channel, so that an ephemeral message there can't reach them. */
  readonly outsiders?: readonly string[];
  /** Milliseconds that Slack waits for an acknowledgement; 3000 unless told. */
  readonly patience?: number;
  readonly now?: () => number;
};

/** The socket's side of the stand-in. */
export type SocketControl = {
  /** How many connections are open now, and how many were ever opened. */
  open(): number;
  opened(): number;
  /** Cuts all connections without a word, as a lost network does. */
  drop(): void;
  /** Tells the bot to connect afresh, as Slack does every few hours. */
  refresh(reason?: 'warning' | 'refresh_requested'): void;
  /** From now on connections break before the envelope that is sent is acknowledged, so many times. */
  dropOnEnvelope(times: number): void;
  /** All connections stay open and nothing is read from them any more, as when Slack's machine hangs. */
  stall(): void;
  /** A handshake to close is answered, but the connection never closed, as Slack's machines do. */
  neverClose(): void;
  /** Sends an envelope of another kind, or any text. */
  send(message: unknown): void;
  /** Envelopes acknowledged so far, by id, how often. */
  readonly acks: ReadonlyMap<string, number>;
};

/** The calling side of Slack: people who type, click and fill in dialogs, and see what comes back. */
export type SlackApp = {
  /** The Web API, for SLACK_API_URL: one stand-in for both sides. */
  readonly api: SlackApi;
  readonly appToken: string;
  readonly socket: SocketControl;
  /** Everything on any screen: messages for one person and for channels that came by this stand-in, oldest first. */
  readonly messages: readonly SeenMessage[];
  readonly dialogs: readonly SeenDialog[];
  /** Says how the bot is reached; until then nothing can be asked. */
  reach(transport: Transport): void;
  /** Types `/webkasa text`; resolves when Slack got its acknowledgement, or gave up waiting for it. */
  command(text: string, options?: AskOptions): Promise<Interaction>;
  /** Types `/webkasa text`; resolves with the first message that comes of it. */
  ask(text: string, options?: AskOptions): Promise<SeenMessage>;
  /** Presses a button of a message: one seen here, or a post of the Web API. Throws where there is no such button. */
  click(
    message: Pick<SeenMessage, 'ts' | 'channel' | 'blocks'> & Partial<SeenMessage>,
    actionId: string,
    options?: ClickOptions,
  ): Promise<Interaction>;
  /** Submits a dialog; what an acknowledgement asks of it (update, clear, errors) is done to it. */
  submit(dialog: SeenDialog, state?: DialogState, options?: SubmitOptions): Promise<Interaction>;
  /** Closes a dialog without submitting it. */
  dismiss(dialog: SeenDialog): void;
  /** Makes the next uses of any response_url go wrong. */
  breakResponseUrls(how: 'used_url' | 'expired_url' | 'reset' | 'http_500' | 'reset_after', times?: number): void;
  /** From now on the token (bot or app) is refused with that error; undefined: accepted again. */
  refuse(token: 'bot' | 'app', error: 'invalid_auth' | 'token_revoked' | 'account_inactive' | undefined): void;
  [Symbol.asyncDispose](): Promise<void>;
};
