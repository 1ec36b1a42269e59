import { blockProblems } from './slack-api-blocks.ts';

/* What Slack checks of a dialog (https://docs.slack.dev/reference/views/modal-views) and of the inputs in it. */

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const length = (text: string): number => Array.from(text).length;

const KEYS = new Set(
  'type title blocks close submit private_metadata callback_id clear_on_close notify_on_close external_id submit_disabled'.split(
    ' ',
  ),
);

/** Slack's complaints, as in `response_metadata.messages`; empty where the dialog is accepted. */
export const viewProblems = (view: unknown): string[] => {
  if (!isFields(view)) return ['[ERROR] expected an object [json-pointer:/view]'];
  const problems: string[] = [];
  const fail = (at: string, text: string): void => {
    problems.push(`[ERROR] ${text} [json-pointer:/view/${at}]`);
  };
  if (view.type !== 'modal') fail('type', 'must be modal');
  for (const key of Object.keys(view)) if (!KEYS.has(key)) fail(key, `invalid additional property: ${key}`);
  for (const key of ['title', 'submit', 'close']) {
    if (view[key] === undefined && key !== 'title') continue;
    const words = view[key];
    if (!isFields(words) || words.type !== 'plain_text' || typeof words.text !== 'string') {
      fail(key, 'expected plain_text');
    } else if (words.text.trim() === '' || length(words.text) > 24) fail(`${key}/text`, 'must be 1 to 24 characters');
  }
  for (const [key, most] of [
    ['private_metadata', 3000],
    ['callback_id', 255],
    ['external_id', 255],
  ] as const) {
    const text = view[key];
    if (text !== undefined && (typeof text !== 'string' || length(text) > most))
      fail(key, `more than ${most} characters`);
  }
  const { blocks } = view;
  if (!Array.isArray(blocks) || blocks.length === 0 || blocks.length > 100) {
    fail('blocks', 'expected 1 to 100 blocks');
    return problems;
  }
  for (const start of [0, 50]) {
    const some = blocks.slice(start, start + 50);
    if (some.length > 0) problems.push(...blockProblems(some));
  }
  const ids = blocks.flatMap((block) => (isFields(block) && block.block_id ? [block.block_id] : []));
  if (new Set(ids).size < ids.length) fail('blocks', '`block_id` already exists');
  if (blocks.some((block) => isFields(block) && block.type === 'input') && !view.submit)
    fail('submit', 'missing required field: submit');
  for (const element of inputsIn(blocks)) problems.push(...choiceProblems(element.element));
  if (JSON.stringify(view).length > 250_000) fail('', 'view_too_large');
  return problems;
};

export type Input = { readonly block: string; readonly action: string; readonly element: Fields };

/** The elements of a dialog that hold an answer, wherever they stand. */
export const inputsIn = (blocks: readonly unknown[]): Input[] =>
  blocks.filter(isFields).flatMap((block) => {
    const elements = [block.element, block.accessory, ...(Array.isArray(block.elements) ? block.elements : [])];
    return elements
      .filter(isFields)
      .filter(({ type }) => type !== 'button' && type !== 'image' && typeof type === 'string')
      .filter(({ action_id }) => typeof action_id === 'string')
      .map((element) => ({ block: String(block.block_id), action: String(element.action_id), element }));
  });

const MOST_OPTIONS: Readonly<Record<string, number>> = { checkboxes: 10, radio_buttons: 10, static_select: 100 };

const choiceProblems = (element: Fields): string[] => {
  const most = MOST_OPTIONS[String(element.type)];
  if (most === undefined) return [];
  const at = `[json-pointer:/view/${String(element.action_id)}]`;
  const options = element.options;
  if (!Array.isArray(options) || options.length === 0 || options.length > most)
    return [`[ERROR] expected 1 to ${most} options ${at}`];
  const problems = options.flatMap((option) => optionProblems(option).map((text) => `[ERROR] ${text} ${at}`));
  const values = options.map((option) => isFields(option) && option.value);
  if (new Set(values).size < values.length) problems.push(`[ERROR] values of options must differ ${at}`);
  const initial = element.initial_options;
  if (initial === undefined) return problems;
  const known = new Set(options.map((option) => JSON.stringify(option)));
  if (!Array.isArray(initial) || initial.length === 0 || !initial.every((option) => known.has(JSON.stringify(option))))
    problems.push(`[ERROR] initial_options must be some of the options, exactly ${at}`);
  return problems;
};

const optionProblems = (option: unknown): string[] => {
  if (!isFields(option)) return ['expected an option'];
  const problems: string[] = [];
  const text = (name: string, value: unknown): void => {
    if (!isFields(value) || typeof value.text !== 'string' || !/^(plain_text|mrkdwn)$/.test(String(value.type)))
      problems.push(`${name} is no text`);
    else if (value.text.trim() === '' || length(value.text) > 75) problems.push(`${name} is not 1 to 75 characters`);
  };
  text('text', option.text);
  if (option.description !== undefined) text('description', option.description);
  if (typeof option.value !== 'string' || option.value === '' || length(option.value) > 150)
    problems.push('value is not 1 to 150 characters');
  return problems;
};
