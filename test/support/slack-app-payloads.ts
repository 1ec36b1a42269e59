import type { SlackApiPost } from './slack-api-workspace.ts';
import type { ClickOptions, DialogState, Person, SeenDialog, SeenMessage } from './slack-app-types.ts';
import { inputsIn } from './slack-app-views.ts';

/* The payloads of commands, clicks and submissions (https://docs.slack.dev/reference/interaction-payloads). */

type Fields = Readonly<Record<string, unknown>>;

export const TEAM = { id: 'T0EXAMPLE', domain: 'example' } as const;
const APP = { api_app_id: 'A0WEBKASA', token: 'a token that nobody looks at' } as const;

export type Reply = { readonly triggerId: string; readonly responseUrl: string };

export type Place = { readonly id: string; readonly name: string };

/** A command is a form; Socket Mode sends the same fields as JSON. */
export const commandPayload = (
  { command, text }: { readonly command: string; readonly text: string },
  person: Person,
  channel: Place,
  { triggerId, responseUrl }: Reply,
): Readonly<Record<string, string>> => ({
  token: APP.token,
  team_id: person.team ?? TEAM.id,
  team_domain: TEAM.domain,
  channel_id: channel.id,
  channel_name: channel.name,
  user_id: person.id,
  user_name: person.name,
  command,
  text,
  api_app_id: APP.api_app_id,
  is_enterprise_install: 'false',
  response_url: responseUrl,
  trigger_id: triggerId,
});

const userOf = (person: Person) => ({
  id: person.id,
  username: person.name,
  name: person.name,
  team_id: person.team ?? TEAM.id,
});

type Clicked = Pick<SeenMessage, 'ts' | 'channel' | 'blocks'> & Partial<SeenMessage> & Partial<SlackApiPost>;

export const clickPayload = (
  message: Clicked,
  action: { readonly id: string; readonly options: ClickOptions; readonly at: number },
  person: Person,
  channel: Place,
  { triggerId, responseUrl }: Reply,
): Fields => {
  const { block, element } = buttonOf(message.blocks, action.id, action.options);
  const hidden = message.onlyFor !== undefined;
  if (hidden && message.onlyFor !== person.id) throw new Error(`${person.name} does not see that message`);
  const { type, action_id, value, text } = element;
  return {
    type: 'block_actions',
    user: userOf(person),
    ...APP,
    container: {
      type: 'message',
      message_ts: message.ts,
      channel_id: channel.id,
      is_ephemeral: hidden,
      ...(message.thread && { thread_ts: message.thread }),
    },
    trigger_id: triggerId,
    team: TEAM,
    enterprise: null,
    is_enterprise_install: false,
    channel,
    // Of a message that only one person sees, Slack sends nothing but where it is.
    ...(!hidden && {
      message: {
        type: 'message',
        bot_id: 'B0WEBKASA',
        ts: message.ts,
        text: message.text,
        blocks: message.blocks,
        ...(message.thread && { thread_ts: message.thread }),
      },
    }),
    state: { values: {} },
    response_url: responseUrl,
    actions: [{ action_id, block_id: block.block_id ?? 'b1', text, value, type, action_ts: String(action.at / 1000) }],
  };
};

const buttonOf = (blocks: readonly unknown[], id: string, { label, value }: ClickOptions) => {
  const buttons = (blocks as readonly Fields[]).flatMap((block) =>
    [block.accessory, ...(Array.isArray(block.elements) ? block.elements : [])]
      .filter((element): element is Fields => typeof element === 'object' && element !== null)
      .filter((element) => element.type === 'button')
      .map((element) => ({ block, element })),
  );
  const labelOf = (element: Fields): unknown => (element.text as Fields | undefined)?.text;
  const found = buttons.find(
    ({ element }) =>
      element.action_id === id &&
      (label === undefined || labelOf(element) === label) &&
      (value === undefined || element.value === value),
  );
  if (found) return found;
  const there = buttons.map(({ element }) => `${element.action_id} "${labelOf(element)}" (${element.value})`);
  throw new Error(`there is no button ${id} ${label ?? value ?? ''}; there are: ${there.join(', ') || 'none'}`);
};

export const submissionPayload = (
  dialog: SeenDialog,
  state: DialogState,
  person: Person,
  { triggerId }: Pick<Reply, 'triggerId'>,
): Fields => {
  const view = { ...dialog.view, id: dialog.id, hash: dialog.hash, team_id: TEAM.id };
  return {
    type: 'view_submission',
    team: TEAM,
    user: userOf(person),
    ...APP,
    trigger_id: triggerId,
    view: { ...view, root_view_id: dialog.id, previous_view_id: null, state: { values: valuesOf(dialog, state) } },
    response_urls: [],
    is_enterprise_install: false,
    enterprise: null,
  };
};

/** Every input of the dialog: as told, else as it was preset. */
const valuesOf = ({ view }: SeenDialog, state: DialogState): Fields => {
  const inputs = inputsIn(Array.isArray(view.blocks) ? view.blocks : []);
  for (const [block, actions] of Object.entries(state))
    for (const action of Object.keys(actions))
      if (!inputs.some((input) => input.block === block && input.action === action))
        throw new Error(`the dialog has no input ${action} in a block ${block}`);
  const values: Record<string, Record<string, unknown>> = {};
  for (const { block, action, element } of inputs) {
    const given = state[block]?.[action];
    values[block] = { ...values[block], [action]: inputValue(element, given) };
  }
  return values;
};

const inputValue = (element: Fields, given: unknown): unknown => {
  if (element.type !== 'checkboxes') return given ?? { type: element.type, value: element.initial_value ?? null };
  const options = element.options as readonly Fields[];
  if (given === undefined) return { type: 'checkboxes', selected_options: element.initial_options ?? [] };
  if (!Array.isArray(given)) return given;
  const selected = given.map((value) => {
    const option = options.find((each) => each.value === value);
    if (!option)
      throw new Error(`there is no checkbox ${value}; there are ${options.map((each) => each.value).join(', ')}`);
    return option;
  });
  return { type: 'checkboxes', selected_options: selected };
};
