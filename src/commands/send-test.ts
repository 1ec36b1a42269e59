import { DeliveryError, OperatorError } from '../core/errors.ts';
import { dataOf } from '../core/webhook.ts';
import type { Look } from '../query/cli/look.ts';
import { visible } from '../query/cli/visible.ts';
import { account } from './account.ts';
import { command } from './command.ts';
import { print } from './context.ts';
import { type SampleMail, sampleMail } from './sample-mails.ts';

const USUAL = 'booking-confirmed';

type Sent = { readonly to: string; readonly template: string; readonly answer: string; readonly invite: boolean };

export const sendTest = command({
  name: 'send-test',
  summary: 'send one mail for real, with sample data',
  args: 'ADDRESS',
  count: [1, 1],
  options: { template: { type: 'string', value: 'NAME', help: `which mail template (${USUAL})` } },
  json: true,
  more: [
    'Goes the way of all mails: to the server of SMTP_URL, or without one into the outbox. A booking or registration that takes place comes with an entry for the calendar. Nothing of it is kept.',
  ],
  examples: ['send-test you@example.com', 'send-test you@example.com --template booking-cancelled'],
  run: async ({ values: { template = USUAL }, args: [address = ''] }, context) => {
    const { sendTestMail, withStarterRules } = await import('../app.ts');
    const { config } = await withStarterRules(context.config());
    const now = context.now();
    const sent = await sendTestMail(config, {
      address,
      template,
      ...sampleTo(address, template, now),
      by: account(),
      now,
    }).catch((error: unknown) => {
      throw error instanceof DeliveryError ? new OperatorError(error.message, { cause: error }) : error;
    });
    print<Sent>(context, { to: address, template, ...sent }, sentText);
    return 0;
  },
});

/** The sample data with the recipient as the attendee. */
const sampleTo = (address: string, template: string, now: number): SampleMail => {
  const sample = sampleMail(template, now);
  const theirs = { attendee_email: address };
  const { registration, webhook } = sample;
  return {
    ...sample,
    webhook: { ...webhook, data: { ...dataOf(webhook), ...(!webhook.type.startsWith('event.') && theirs) } },
    ...(registration && { registration: { ...registration, data: { ...registration.data, ...theirs } } }),
  };
};

const sentText = ({ to, template, answer, invite }: Sent, { paint }: Look): string =>
  `${paint('green', `Sent ${template} to ${visible(to)}`)}${invite ? ', with an entry for the calendar' : ''}.\n${visible(answer)}\n`;
