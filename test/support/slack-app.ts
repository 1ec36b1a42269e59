import { createHmac } from 'node:crypto';
import { SLACK_CHANNELS, startSlackApi } from './slack-api.ts';
import { blockProblems } from './slack-api-blocks.ts';
import { nextTs } from './slack-api-chat.ts';
import { appMethods, createTriggers } from './slack-app-methods.ts';
import { clickPayload, commandPayload, type Place, submissionPayload } from './slack-app-payloads.ts';
import { createScreen } from './slack-app-screen.ts';
import { startSocketServer } from './slack-app-socket.ts';
import type {
  Acked,
  Interaction,
  Person,
  SeenDialog,
  SlackApp,
  SlackAppOptions,
  Transport,
} from './slack-app-types.ts';
import { startResponseUrls, type UrlOrigin } from './slack-app-urls.ts';
import { viewProblems } from './slack-app-views.ts';

export const ANNA: Person = { id: 'U0ANNA', name: 'anna' };
export const BEN: Person = { id: 'U0BEN', name: 'ben' };
/** From another workspace, in a channel that both share. */
export const GUEST: Person = { id: 'U0GUEST', name: 'guest', team: 'T0ELSEWHERE' };

/** The headers with which Slack signs a body at a time, in Unix seconds. */
export const slackHeaders = (body: string, secret: string, seconds: number): Record<string, string> => ({
  'x-slack-request-timestamp': String(seconds),
  'x-slack-signature': `v0=${createHmac('sha256', secret).update(`v0:${seconds}:${body}`).digest('hex')}`,
});

/** Slack as people use it, with the bot at the other end: over real HTTP, or a real WebSocket that the bot opens. */
export const startSlackApp = async (options: SlackAppOptions = {}): Promise<SlackApp> => {
  const { appToken = 'xapp-test', groups = {}, outsiders = [], patience = 3_000, now = Date.now } = options;
  const botToken = options.token ?? 'xoxb-test';
  const screen = createScreen();
  const triggers = createTriggers(now);
  const socket = await startSocketServer();
  const refused = new Map<string, string>();
  const lastCauses = new Map<string, string>();
  let transport: Transport | undefined;
  let interactions = 0;

  const refusal = (method: string, given: string): string | undefined => {
    const [right, other] = method === 'apps.connections.open' ? [appToken, botToken] : [botToken, appToken];
    if (given === right) return refused.get(right);
    return given === other ? 'not_allowed_token_type' : 'invalid_auth';
  };
  const methods = appMethods({
    screen,
    triggers,
    lastCauseOf: (user) => lastCauses.get(user),
    groups,
    outsiders: new Set(outsiders),
    socketUrl: socket.makeUrl,
  });
  const api = await startSlackApi({
    ...options,
    token: botToken,
    methods: { ...methods, ...options.methods },
    refusal,
  });
  const posts = {
    change(ts: string, change: { text: string; blocks: readonly unknown[] }): boolean {
      const post = api.posts.find((each) => each.ts === ts);
      if (post) Object.assign(post, change, { updates: post.updates + 1 });
      return post !== undefined;
    },
    take(ts: string): boolean {
      if (!api.posts.some((each) => each.ts === ts)) return false;
      api.deleteMessage(ts);
      return true;
    },
  };
  const urls = await startResponseUrls(screen, posts, now);

  const placeOf = (id: string): Place => {
    const channel = (options.channels ?? SLACK_CHANNELS).find((each) => each.id === id);
    if (channel) return { id, name: channel.private ? 'privategroup' : channel.name };
    return { id, name: 'directmessage' };
  };

  /** Sends a payload and waits for its acknowledgement, as long as Slack would. */
  const reach = async (kind: 'slash_commands' | 'interactive', payload: unknown): Promise<Acked> => {
    if (!transport) throw new Error('say how the bot is reached first: slack.reach(…)');
    const begun = performance.now();
    const sent =
      transport.by === 'http'
        ? post(transport, kind === 'interactive' ? { payload: JSON.stringify(payload) } : payload, { patience, now })
        : within(patience, socket.deliver(kind, payload));
    const answer = await sent;
    return { ...answer, milliseconds: performance.now() - begun };
  };

  const interact = async (
    person: Person,
    origin: Omit<UrlOrigin, 'cause' | 'user'>,
    act: (reply: { readonly triggerId: string; readonly responseUrl: string }, cause: string) => Promise<Acked>,
  ): Promise<Interaction> => {
    interactions += 1;
    const cause = `interaction ${interactions}`;
    lastCauses.set(person.id, cause);
    const triggerId = triggers.make(cause);
    const responseUrl = urls.make({ ...origin, cause, user: person.id });
    const acked = await act({ triggerId, responseUrl }, cause);
    return {
      acked,
      triggerId,
      responseUrl,
      messages: () => screen.messagesOf(cause),
      message: (matches = () => true) =>
        screen.until('the message', () => screen.messagesOf(cause).find((message) => matches(message))),
      dialog: (matches = () => true) =>
        screen.until('the dialog', () => [screen.dialogOf(cause)].find((dialog) => dialog && matches(dialog))),
    };
  };

  const command: SlackApp['command'] = (text, { user = ANNA, channel = 'C0BOOKINGS', command = '/webkasa' } = {}) =>
    interact(user, { channel, message: undefined }, async (reply, cause) => {
      const acked = await reach('slash_commands', commandPayload({ command, text }, user, placeOf(channel), reply));
      showAck(acked, user, channel, cause);
      return acked;
    });

  /** An acknowledgement of a command may be the answer already. */
  const showAck = ({ status, body }: Acked, user: Person, channel: string, cause: string): void => {
    const message = typeof body === 'string' ? { text: body } : (body as Readonly<Record<string, unknown>> | undefined);
    if (status !== 200 || !message || (!message.text && !message.blocks)) return;
    const { text = '', blocks = [], response_type: type } = message;
    if (!Array.isArray(blocks) || (blocks.length > 0 && blockProblems(blocks).length > 0))
      throw new Error(`the acknowledgement's blocks are not valid: ${blockProblems(blocks).join(' ')}`);
    const onlyFor = type === 'in_channel' ? undefined : user.id;
    screen.show({ ts: nextTs(), channel, onlyFor, thread: undefined, text: String(text), blocks, by: 'ack' }, cause);
  };

  const click: SlackApp['click'] = (message, actionId, clicked = {}) => {
    const { user = ANNA } = clicked;
    const action = { id: actionId, options: clicked, at: now() };
    const { channel, ts, thread } = message;
    return interact(user, { channel, message: { ts, thread } }, (reply) =>
      reach('interactive', clickPayload(message, action, user, placeOf(channel), reply)),
    );
  };

  const submit: SlackApp['submit'] = (dialog, state = {}, { user = ANNA } = {}) =>
    interact(user, { channel: user.id, message: undefined }, async (reply, cause) => {
      if (!dialog.view.submit) throw new Error('the dialog has nothing to submit');
      const acked = await reach('interactive', submissionPayload(dialog, state, user, reply));
      if (acked.status === 200) follow(dialog, acked.body, cause);
      return acked;
    });

  /** Does to a dialog what the acknowledgement of its submission asks. */
  const follow = (dialog: SeenDialog, body: unknown, cause: string): void => {
    const asked = (typeof body === 'object' && body !== null ? body : {}) as Readonly<Record<string, unknown>>;
    const { response_action: action, view } = asked;
    if (action === 'errors') return;
    if (action !== 'update') {
      screen.shut(dialog.id);
      return;
    }
    const problems = viewProblems(view);
    if (problems.length > 0) throw new Error(`the acknowledgement's view is not valid: ${problems.join(' ')}`);
    screen.update(dialog.id, view as SeenDialog['view']);
    screen.adopt(dialog.id, cause);
  };

  return {
    api,
    appToken,
    socket: socket.control,
    messages: screen.messages,
    dialogs: screen.dialogs,
    reach(way) {
      transport = way;
    },
    command,
    ask: async (text, asked) => (await command(text, asked)).message(),
    click,
    submit,
    dismiss: (dialog) => screen.shut(dialog.id),
    breakResponseUrls: urls.breakNext,
    refuse(token, error) {
      const which = token === 'bot' ? botToken : appToken;
      if (error) refused.set(which, error);
      else refused.delete(which);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([api.close(), urls.close(), socket.close()]);
    },
  };
};

type Answered = Pick<Acked, 'status' | 'body'>;
const TIMED_OUT: Answered = { status: 0, body: 'operation_timeout' };

const post = async (
  { url, signingSecret }: Extract<Transport, { by: 'http' }>,
  fields: unknown,
  { patience, now }: { readonly patience: number; readonly now: () => number },
): Promise<Answered> => {
  const body = new URLSearchParams(fields as Record<string, string>).toString();
  const seconds = Math.floor(now() / 1000);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...slackHeaders(body, signingSecret, seconds) },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(patience),
    });
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json');
    return { status: response.status, body: text === '' ? undefined : json ? JSON.parse(text) : text };
  } catch {
    return TIMED_OUT;
  }
};

const within = async (patience: number, acknowledged: Promise<unknown>): Promise<Answered> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Answered>((resolve) => {
    timer = setTimeout(() => resolve(TIMED_OUT), patience);
  });
  const inTime = acknowledged.then((payload) => ({ status: 200, body: isEmpty(payload) ? undefined : payload }));
  const answer = await Promise.race([inTime, late]);
  clearTimeout(timer);
  return answer;
};

const isEmpty = (payload: unknown): boolean =>
  payload === undefined || payload === null || (typeof payload === 'object' && Object.keys(payload).length === 0);
