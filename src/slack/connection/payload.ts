import type { Acknowledged } from './acknowledgement.ts';

/** What Slack sends for one command, click or submission (https://docs.slack.dev/interactivity). */
export type Payload = Readonly<Record<string, unknown>>;

export const isPayload = (value: unknown): value is Payload =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The kind of a payload, for the log. */
export const typeOfPayload = (payload: Payload): string => {
  if (typeof payload.command === 'string') return 'command';
  return typeof payload.type === 'string' && /^\w{1,40}$/.test(payload.type) ? payload.type : 'unknown';
};

/** An id that is unique to a payload, and stays the same when Slack redelivers it. */
export const identityOf = (payload: Payload): string | undefined =>
  [payload.trigger_id, payload.event_id].find((id): id is string => typeof id === 'string' && id !== '');

/** What people read when a listener failed. */
export const FAILED =
  'Something went wrong in the bot. Ask again in a moment; if it keeps happening, whoever runs the bot finds the reason in its log.';

const forAsker = (text: string): Acknowledged => ({ body: { response_type: 'ephemeral', text } });
const NOTHING: Acknowledged = { body: undefined };

/** The acknowledgement of a payload whose listener is still running when Slack stops waiting. */
export const waitingAnswer = (payload: Payload): Acknowledged =>
  typeOfPayload(payload) === 'command'
    ? forAsker('This takes longer than usual; the answer comes here as soon as it is there.')
    : NOTHING;

/** The acknowledgement of a payload without a listener. */
export const unknownAnswer = (payload: Payload): Acknowledged =>
  typeOfPayload(payload) === 'command'
    ? forAsker("The bot has no such command. It is reached with the command of its Slack app's manifest.")
    : NOTHING;

/** The acknowledgement of a payload whose listener failed before acknowledging; undefined for kinds where Slack shows none. */
export const failureAnswer = (payload: Payload): Acknowledged | undefined => {
  const type = typeOfPayload(payload);
  if (type === 'command') return forAsker(FAILED);
  if (type !== 'view_submission') return undefined;
  const view = {
    type: 'modal',
    title: { type: 'plain_text', text: 'That failed' },
    close: { type: 'plain_text', text: 'Close' },
    blocks: [{ type: 'section', text: { type: 'plain_text', text: FAILED } }],
  };
  return { body: { response_action: 'update', view } };
};
