import { command, wholeNumber } from './command.ts';
import { type Context, print } from './context.ts';
import { openEndpoint } from './endpoint.ts';
import { type Message, readMessage } from './message.ts';
import { isAccepted } from './post.ts';
import { sendMany } from './send-many.ts';
import { manyText, oneText, type SentOne } from './send-text.ts';

export const send = command({
  name: 'send',
  summary: 'send a signed sample webhook, as WebKasa would',
  args: 'TYPE',
  count: [0, 1],
  options: {
    set: { type: 'string', value: 'data.field=value', multiple: true, help: 'change a field; JSON values or text' },
    file: { type: 'string', value: 'FILE', help: "send this file's bytes in place of a sample" },
    url: { type: 'string', value: 'URL', help: 'where to, in place of the bot of these settings' },
    count: { type: 'string', value: 'N', help: 'send so many, each about a booking of its own' },
  },
  json: true,
  more: [
    'The samples of one kind are about the same booking, event or registration, so that one after another they tell its story. Signed with WEBKASA_WEBHOOK_SECRET, or the secret the bot made for itself.',
  ],
  examples: [
    'send booking.created',
    'send booking.created --set data.attendee_email=me@example.com --set data.attendee_name="Zoë"',
    'send --file webhook.json',
    'send registration.created --count 1000',
  ],
  run: async ({ values, args: [type] }, context) => {
    const count =
      values.count === undefined
        ? undefined
        : wholeNumber(values.count, 1, { name: 'send', option: 'count', least: 1 });
    const message = await readMessage({ type, file: values.file, set: values.set ?? [] }, context.now());
    const endpoint = await openEndpoint(context.config(), values.url);
    try {
      if (count !== undefined) return await many(message, count, endpoint, context);
      return await one(message, endpoint, context);
    } finally {
      endpoint.poster.close();
    }
  },
});

type Endpoint = Awaited<ReturnType<typeof openEndpoint>>;

const one = async (message: Message, { poster, url, secretFrom }: Endpoint, context: Context): Promise<0 | 1> => {
  const answer = await poster.post(message.body());
  const sent: SentOne = { url: url.href, ...answer, accepted: isAccepted(answer), webhook: message.names() };
  print(context, sent, (_, look) => oneText(sent, secretFrom, look));
  return sent.accepted ? 0 : 1;
};

const many = async (
  message: Message,
  count: number,
  { poster, url, secretFrom }: Endpoint,
  context: Context,
): Promise<0 | 1> => {
  const totals = await sendMany(poster, { count, body: message.another, err: context.err, now: context.now });
  print(context, { url: url.href, ...totals }, (_, look) => manyText(totals, secretFrom, look));
  return totals.failed === 0 ? 0 : 1;
};
