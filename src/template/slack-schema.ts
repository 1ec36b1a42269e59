import { z } from 'zod';

/*
 * What a file of templates/slack may say: Block Kit as it is documented
 * (https://docs.slack.dev/reference/block-kit), reduced to the blocks that show a message and need no answer.
 */

/** Slack's limits, in characters. They are held to UTF-16 units, which is never less than what Slack counts. */
export const LIMITS = {
  text: 4000,
  blocks: 50,
  /** Over all blocks of a message: Slack refuses somewhat above 13,000. */
  total: 12_000,
  section: 3000,
  fields: 10,
  field: 2000,
  header: 150,
  contextElements: 10,
  contextText: 3000,
  actions: 25,
  button: 75,
  url: 3000,
  buttonValue: 2000,
  id: 255,
  alt: 2000,
} as const;

export const hasLiquid = (source: string): boolean => /\{[{%]/.test(source);

const liquid = (limit: number) =>
  z
    .string()
    .min(1, 'is empty')
    .refine((source) => hasLiquid(source) || source.length <= limit, `is over Slack's limit of ${limit} characters`);

/** Kept only where it renders to something other than nothing and `false`. */
const condition = z
  .string()
  .min(1, 'is empty')
  .refine((source) => !hasLiquid(source), 'is written without {{ }}, as in `if: data.location`')
  .optional();

const plainText = (limit: number) =>
  z.strictObject({
    type: z.literal('plain_text', { error: 'has to be plain_text here' }),
    text: liquid(limit),
    emoji: z.literal(false, { error: 'has to be false: write emoji as characters' }).optional(),
  });

const mrkdwn = (limit: number) =>
  z.strictObject({ type: z.literal('mrkdwn'), text: liquid(limit), verbatim: z.boolean().optional() });

const oneOf = (what: string, known: readonly string[]) => ({
  error: (issue: z.core.$ZodRawIssue) =>
    issue.code === 'invalid_union' ? `is no ${what} that templates may use: ${known.join(', ')}` : undefined,
});

const text = (limit: number) =>
  z.discriminatedUnion('type', [mrkdwn(limit), plainText(limit)], oneOf('type of text', ['mrkdwn', 'plain_text']));

const image = z.strictObject({
  type: z.literal('image'),
  if: condition,
  image_url: liquid(LIMITS.url),
  alt_text: liquid(LIMITS.alt),
});

const button = z.strictObject({
  type: z.literal('button', { error: 'has to be button: nothing else works without an answer' }),
  if: condition,
  text: plainText(LIMITS.button),
  url: liquid(LIMITS.url),
  action_id: z.string().min(1, 'is empty').max(LIMITS.id).optional(),
  value: liquid(LIMITS.buttonValue).optional(),
  style: z.enum(['primary', 'danger']).optional(),
});

const section = z
  .strictObject({
    type: z.literal('section'),
    if: condition,
    text: text(LIMITS.section).optional(),
    fields: z.array(text(LIMITS.field)).min(1, 'is empty').max(LIMITS.fields, 'has over 10 fields').optional(),
    accessory: z.discriminatedUnion('type', [button, image], oneOf('accessory', ['button', 'image'])).optional(),
  })
  .refine((block) => block.text ?? block.fields, 'has neither text nor fields');

const context = z.strictObject({
  type: z.literal('context'),
  if: condition,
  elements: z
    .array(
      z.discriminatedUnion(
        'type',
        [mrkdwn(LIMITS.contextText), plainText(LIMITS.contextText), image],
        oneOf('element', ['mrkdwn', 'plain_text', 'image']),
      ),
    )
    .min(1, 'is empty')
    .max(LIMITS.contextElements, 'has over 10 elements'),
});

const header = z.strictObject({ type: z.literal('header'), if: condition, text: plainText(LIMITS.header) });
const divider = z.strictObject({ type: z.literal('divider'), if: condition });
const actions = z.strictObject({
  type: z.literal('actions'),
  if: condition,
  elements: z.array(button).min(1, 'is empty').max(LIMITS.actions, 'has over 25 buttons'),
});
const picture = image.extend({ title: plainText(LIMITS.alt).optional() });

const BLOCK_TYPES = ['section', 'header', 'context', 'divider', 'actions', 'image'];

/** What Liquid sees already (view.ts), which `set` therefore can't name. */
const TAKEN = new Set(['id', 'type', 'created_at', 'data', 'when', 'moved_from', 'event', 'settings']);

const name = z
  .string()
  .regex(/^[a-z][a-z0-9_]*$/, 'is no name: use small letters, digits and _')
  .refine((value) => !TAKEN.has(value), 'is taken by the webhook: choose another name');

export const SlackTemplateSchema = z.strictObject({
  /** Names for texts that several strings need, made in this order; used, they are escaped like any data. */
  set: z.record(name, z.string()).optional(),
  /** What a notification shows. */
  text: liquid(LIMITS.text),
  /** Where to read on: shown below the blocks, left out where the address comes out empty or is none. */
  link: z.strictObject({ text: liquid(LIMITS.button), url: liquid(LIMITS.url) }).optional(),
  blocks: z
    .array(
      z.discriminatedUnion('type', [section, header, context, divider, actions, picture], oneOf('block', BLOCK_TYPES)),
    )
    .max(LIMITS.blocks, 'has over 50 blocks')
    .optional(),
});

export type SlackTemplateFile = z.infer<typeof SlackTemplateSchema>;
export type BlockSource = NonNullable<SlackTemplateFile['blocks']>[number];
export type TextSource = z.infer<ReturnType<typeof text>>;
export type ButtonSource = z.infer<typeof button>;
export type ImageSource = z.infer<typeof image>;
