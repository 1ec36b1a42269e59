import { z } from 'zod';
import { type Action, EVERYONE_REGISTERED, type Rule, SLACK_STYLES, USEFUL_UNTIL } from '../core/rule.ts';

const DATA = 'Liquid over the webhook, e.g. {{ data.attendee_email }}: see docs/rules.md.';

const liquid = (description: string, ...examples: string[]) =>
  z
    .string()
    .trim()
    .min(1)
    .meta({ description: `${description} ${DATA}`, examples });

const templateName = (folder: string, ...examples: string[]) =>
  z
    .string()
    .regex(/^[\w.-]+$/, 'is the plain name of a template, without Liquid')
    .meta({ description: `The name of a template in templates/${folder}.`, examples });

const late = z.enum(['skip', 'deliver']).meta({
  description:
    'When this place was already told something newer about the same booking, event or registration: "skip" (the default ' +
    'for mail and plain Slack messages) leaves the older out, "deliver" (the default for sheets, cards and threads) tells ' +
    'it all the same.',
});

const copies = (description: string) => {
  const address = liquid('One mail address.', 'office@example.com');
  return z
    .union([address, z.array(address).min(1).max(20)])
    .optional()
    .meta({ description: `${description} With a list in "to", the first mail alone has them.` });
};

const TO = `One mail address; or ${EVERYONE_REGISTERED}, for each registration of the event, in rules on event types.`;

const EmailSchema = z
  .strictObject({
    to: z
      .union([
        liquid(TO, '{{ data.attendee_email }}', 'team@example.com', EVERYONE_REGISTERED),
        z.array(liquid(TO, '{{ data.attendee_email }}')).min(1).max(50),
      ])
      .meta({ description: 'Who gets the mail. Of a list, each gets a mail of their own.' }),
    template: templateName('email', 'booking-created'),
    subject: liquid("In place of the template's own subject.", 'Booking {{ data.id }}').optional(),
    reply_to: liquid('Where answers go, in place of MAIL_REPLY_TO.', 'office@example.com').optional(),
    from_name: liquid("The sender's name, in place of that in MAIL_FROM.", 'Studio Berlin').optional(),
    cc: copies('Who gets a copy, seen by all.'),
    bcc: copies('Who gets a copy that nobody sees.'),
    invite: z.boolean().optional().meta({
      description:
        'Whether an entry for the calendar goes along. Without: with mails to the attendee, where the data has a time.',
    }),
    hold: z
      .int({ error: 'takes whole seconds' })
      .min(0)
      .max(3600)
      .optional()
      .meta({
        description: 'Seconds that it waits: a newer state of the same booking takes its place meanwhile.',
        examples: [60],
      }),
    until: z
      .enum(USEFUL_UNTIL)
      .optional()
      .meta({
        description:
          'Until when it makes sense: "change": until a newer state contradicts it, "start": until it begins, "always". ' +
          'Without, the type of the webhook decides, see docs/rules.md.',
      }),
    late: late.optional(),
  })
  .meta({ description: 'Sends a mail.' });

const SlackSchema = z
  .strictObject({
    channel: liquid('A channel name or id; SLACK_CHANNEL where absent.', '#bookings', 'C0123ABCD').optional(),
    template: templateName('slack', 'booking').optional(),
    text: liquid("A message in Slack's mrkdwn, in place of a template.", 'New booking {{ data.id }}').optional(),
    as: z
      .enum(SLACK_STYLES)
      .optional()
      .meta({
        description:
          'How the channel is told. "card" (the default): one message for each booking or event, kept up to date, with its ' +
          'history in its thread. "thread": one message, and what follows as replies. "plain": a message each time.',
      }),
    late: late.optional(),
  })
  .refine((slack) => (slack.template === undefined) !== (slack.text === undefined), {
    error: 'takes either a template or a text: write one of the two',
  })
  .meta({
    description: 'Tells a Slack channel: by a template, or a text.',
    oneOf: ['template', 'text'].map((key) => ({ type: 'object', properties: { [key]: {} }, required: [key] })),
  });

const cell = z
  .union([z.string(), z.number().transform(String), z.boolean().transform(String)])
  .meta({ description: `What stands in the column. ${DATA}` });

const SheetSchema = z
  .strictObject({
    file: liquid('A file name ending in .csv, in the folder of the sheets.', 'bookings.csv').optional(),
    google: z
      .string()
      .trim()
      .regex(
        /^[\w-]{20,100}$/,
        'is not the id of a Google spreadsheet: copy the ID of its address, …/spreadsheets/d/ID/edit',
      )
      .optional()
      .meta({ description: 'The id of a Google spreadsheet, in place of a file.' }),
    tab: liquid('The tab of the Google spreadsheet; made where there is none.', 'Bookings').optional(),
    key: z
      .string()
      .trim()
      .min(1)
      .optional()
      .meta({
        description:
          'The column that names the row: it is brought up to date where there is one. Without, each adds a row.',
        examples: ['Booking'],
      }),
    columns: z
      .record(z.string().min(1), cell)
      .refine((columns) => Object.keys(columns).length > 0, { error: 'needs at least one column' })
      .meta({
        description: 'Column names and what stands in them, in this order.',
        examples: [{ Booking: '{{ data.id }}', Guest: '{{ data.attendee_name }}' }],
      }),
    late: late.optional(),
  })
  .refine(({ file, google }) => (file === undefined) !== (google === undefined), {
    error: 'takes either a file or google with a tab: write one of the two',
  })
  .refine(({ google, tab }) => (google === undefined) === (tab === undefined), {
    error: 'takes google and tab together: the id of the spreadsheet, and the name of its tab',
  })
  .refine(({ key, columns }) => key === undefined || Object.hasOwn(columns, key), {
    path: ['key'],
    error: 'is none of the columns: take the name of one',
  })
  .meta({
    description: 'Adds a row to a spreadsheet, or brings it up to date.',
    oneOf: ['file', 'google'].map((key) => ({ type: 'object', properties: { [key]: {} }, required: [key] })),
  });

const ActionSchema = z
  .strictObject({ email: EmailSchema.optional(), slack: SlackSchema.optional(), sheet: SheetSchema.optional() })
  .refine((action) => Object.keys(action).length === 1, {
    error: 'takes exactly one of email, slack and sheet; begin each action with a dash of its own',
  })
  .meta({ description: 'One thing to do: email, slack or sheet.', minProperties: 1, maxProperties: 1 });

const eventType = z
  .string()
  .trim()
  .min(1)
  .meta({
    description: 'An event type; * stands for any run of characters.',
    examples: ['booking.created', 'registration.*', '*'],
  });

export const RuleSchema = z
  .strictObject({
    id: z
      .string()
      .regex(/^(?!sub_)[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/, {
        error: ({ input }) =>
          String(input).startsWith('sub_')
            ? 'begins with sub_, as the ids of subscriptions do; take another name'
            : 'takes letters, digits, "-", "_" and ".", 80 at most',
      })
      .meta({
        description: 'A stable name, unique in this file: it is in ids, logs and answers.',
        examples: ['confirm-booking'],
      }),
    on: z.union([eventType, z.array(eventType).min(1)]).meta({ description: 'Which webhooks: one type or a list.' }),
    when: z
      .record(z.string(), z.unknown())
      .optional()
      .meta({
        description: 'Conditions in MongoDB query syntax over the webhook; all have to hold.',
        examples: [{ 'data.schedule_id': { $in: ['sch_abc123'] } }],
      }),
    actions: z.array(ActionSchema).min(1).meta({ description: 'What to do, in any number.' }),
  })
  .meta({ description: 'Which webhooks, under which conditions, cause which actions.' });

export const BrandSchema = z
  .strictObject({
    name: z.string().trim().min(1).max(80).optional().meta({ description: 'The name that mails show.' }),
    logo: z
      .string()
      .regex(/^https:\/\/[^\s"'<>]+$/, 'is no address of a picture: it begins with https://')
      .optional()
      .meta({ description: 'The https address of a picture, shown 140 pixels wide.' }),
    color: z
      .string()
      .regex(/^#[0-9a-fA-F]{6}$/, 'is no colour: write it in quotes, like "#1f5fbf"')
      .optional()
      .meta({ description: 'The colour of the line at the top, in quotes.', examples: ['#1f5fbf'] }),
    footer: z.string().trim().min(1).max(500).optional().meta({ description: 'What stands below each mail.' }),
  })
  .meta({ description: 'The look that mails share.' });

/** The shape of a rules file. What a shape can't say (conditions, Liquid, templates) is checked by loadRulebook. */
export const RulesFileSchema = z
  .strictObject({
    rules: z.array(RuleSchema).nullable().meta({ description: 'Each webhook is held against every rule.' }),
    brand: BrandSchema.optional(),
  })
  .meta({ title: 'WebKasa bot rules', description: 'See docs/rules.md.' });

/** JSON Schema of the rules file, for the help and the checks of editors. */
export const rulesJsonSchema = (): Record<string, unknown> => z.toJSONSchema(RulesFileSchema, { io: 'input' });

/** A rule as the rest of the bot knows it. */
export const toRule = (written: z.infer<typeof RuleSchema>): Rule => ({
  id: written.id,
  on: typeof written.on === 'string' ? [written.on] : written.on,
  when: written.when,
  actions: written.actions.flatMap(toAction),
});

const toAction = ({ email, slack, sheet }: z.infer<typeof ActionSchema>): Action[] => [
  ...(email ? [{ kind: 'email', email } as const] : []),
  ...(slack ? [{ kind: 'slack', slack } as const] : []),
  ...(sheet ? [{ kind: 'sheet', sheet } as const] : []),
];

/** The keys that may stand at a place in a rules file; empty where any may. */
export const keysAt = (path: readonly PropertyKey[]): string[] => {
  const [, , section, , kind] = path;
  if (path.length === 0) return Object.keys(RulesFileSchema.shape);
  if (path[0] === 'brand') return Object.keys(BrandSchema.shape);
  if (path.length === 2) return Object.keys(RuleSchema.shape);
  if (section !== 'actions') return [];
  if (path.length === 4) return Object.keys(ActionSchema.shape);
  const shapes: Readonly<Record<PropertyKey, z.ZodRawShape>> = {
    email: EmailSchema.shape,
    slack: SlackSchema.shape,
    sheet: SheetSchema.shape,
  };
  return path.length === 5 && kind !== undefined ? Object.keys(shapes[kind] ?? {}) : [];
};
