/*
 * What Slack checks of blocks (https://docs.slack.dev/reference/block-kit/blocks): the fields, counts and lengths of the
 * blocks that messages commonly have. Of other blocks only the type is checked.
 */

type Fields = Readonly<Record<string, unknown>>;
/** Adds a message for each problem at a JSON pointer. */
type Check = (value: unknown, at: string, problems: string[]) => void;

const TOTAL = 13_200;

/** Slack's complaints, as in `response_metadata.messages`; empty where the blocks are accepted. */
export const blockProblems = (blocks: unknown): string[] => {
  const problems: string[] = [];
  list(block, 0, 50)(blocks, '/blocks', problems);
  const ids = Array.isArray(blocks)
    ? blocks.flatMap((each) => (isFields(each) && each.block_id ? [each.block_id] : []))
    : [];
  if (new Set(ids).size < ids.length) problems.push('[ERROR] `block_id` already exists [json-pointer:/blocks]');
  return problems;
};

/** Whether the texts of all blocks together are more than Slack takes (`msg_blocks_too_long`). */
export const blocksTooLong = (blocks: unknown): boolean => textLength(blocks) > TOTAL;

const textLength = (value: unknown): number => {
  if (Array.isArray(value)) return value.reduce((sum: number, each) => sum + textLength(each), 0);
  if (!isFields(value)) return 0;
  return Object.entries(value).reduce(
    (sum, [key, each]) => sum + (typeof each === 'string' ? (key === 'text' ? length(each) : 0) : textLength(each)),
    0,
  );
};

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const length = (text: string): number => Array.from(text).length;

const fail = (problems: string[], at: string, text: string): void => {
  problems.push(`[ERROR] ${text} [json-pointer:${at}]`);
};

const string =
  (most: number): Check =>
  (value, at, problems) => {
    if (typeof value !== 'string') fail(problems, at, 'expected a string');
    else if (value.trim() === '') fail(problems, at, 'must be more than 0 characters');
    else if (length(value) > most) fail(problems, at, `must be less than ${most + 1} characters`);
    else if (!value.isWellFormed()) fail(problems, at, 'invalid UTF-8');
  };

const address: Check = (value, at, problems) => {
  string(3000)(value, at, problems);
  if (typeof value === 'string' && !(/^https?:\/\/\S+$/.test(value) && URL.canParse(value)))
    fail(problems, at, 'invalid url');
};

const boolean: Check = (value, at, problems) => {
  if (typeof value !== 'boolean') fail(problems, at, 'expected a boolean');
};

const anything: Check = () => undefined;

const literal =
  (...allowed: readonly unknown[]): Check =>
  (value, at, problems) => {
    if (!allowed.includes(value)) fail(problems, at, `must be a valid enum value: ${allowed.join(', ')}`);
  };

const list =
  (each: Check, least: number, most: number): Check =>
  (value, at, problems) => {
    if (!Array.isArray(value)) return fail(problems, at, 'expected an array');
    if (value.length < least) fail(problems, at, `no fewer than ${least} items are needed`);
    if (value.length > most) fail(problems, at, `no more than ${most} items allowed`);
    for (const [index, item] of value.entries()) each(item, `${at}/${index}`, problems);
  };

const object =
  (needed: Readonly<Record<string, Check>>, optional: Readonly<Record<string, Check>> = {}): Check =>
  (value, at, problems) => {
    if (!isFields(value)) return fail(problems, at, 'expected an object');
    for (const key of Object.keys(needed)) if (!(key in value)) fail(problems, at, `missing required field: ${key}`);
    for (const [key, field] of Object.entries(value)) {
      const check = needed[key] ?? optional[key];
      if (check) check(field, `${at}/${key}`, problems);
      else fail(problems, `${at}/${key}`, `invalid additional property: ${key}`);
    }
  };

/** One of several objects, told apart by `type`. */
const byType =
  (checks: Readonly<Record<string, Check>>): Check =>
  (value, at, problems) => {
    const check = isFields(value) ? checks[String(value.type)] : undefined;
    if (check) check(value, at, problems);
    else fail(problems, `${at}/type`, `unsupported type: ${isFields(value) ? String(value.type) : typeof value}`);
  };

const mrkdwn = (most: number): Check => object({ type: literal('mrkdwn'), text: string(most) }, { verbatim: boolean });
const plain = (most: number): Check => object({ type: literal('plain_text'), text: string(most) }, { emoji: boolean });
const text = (most: number): Check => byType({ mrkdwn: mrkdwn(most), plain_text: plain(most) });

const image = object({ type: literal('image'), image_url: address, alt_text: string(2000) });
const button = object(
  { type: literal('button'), text: plain(75) },
  {
    action_id: string(255),
    url: address,
    value: string(2000),
    style: literal('primary', 'danger'),
    confirm: anything,
    accessibility_label: string(75),
  },
);

/** Elements that ask for an answer; their insides are not checked. */
const INTERACTIVE = Object.fromEntries(
  [
    'static_select',
    'external_select',
    'users_select',
    'conversations_select',
    'channels_select',
    'multi_static_select',
    'multi_external_select',
    'multi_users_select',
    'multi_conversations_select',
    'multi_channels_select',
    'overflow',
    'datepicker',
    'timepicker',
    'datetimepicker',
    'checkboxes',
    'radio_buttons',
    'workflow_button',
  ].map((type) => [type, anything]),
);

const common = { block_id: string(255) };

const section: Check = (value, at, problems) => {
  object(
    { type: literal('section') },
    {
      ...common,
      text: text(3000),
      fields: list(text(2000), 1, 10),
      accessory: byType({ button, image, ...INTERACTIVE }),
      expand: boolean,
    },
  )(value, at, problems);
  if (isFields(value) && !value.text && !value.fields) fail(problems, at, 'missing required field: text or fields');
};

const block = byType({
  section,
  divider: object({ type: literal('divider') }, common),
  header: object({ type: literal('header'), text: plain(150) }, common),
  context: object(
    {
      type: literal('context'),
      elements: list(byType({ mrkdwn: mrkdwn(3000), plain_text: plain(3000), image }), 1, 10),
    },
    common,
  ),
  actions: object({ type: literal('actions'), elements: list(byType({ button, ...INTERACTIVE }), 1, 25) }, common),
  image: object(
    { type: literal('image'), image_url: address, alt_text: string(2000) },
    { ...common, title: plain(2000) },
  ),
  ...Object.fromEntries(
    [
      'rich_text',
      'markdown',
      'table',
      'data_table',
      'video',
      'file',
      'input',
      'context_actions',
      'card',
      'carousel',
    ].map((type) => [type, anything]),
  ),
});
