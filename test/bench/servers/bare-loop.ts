/*
 * The reference for delivering: the pooled nodemailer transport and Slack's WebClient, sending the same messages as the
 * bot (rendered beforehand, invites and all) with as many under way at once, and recording nothing. Prints the milliseconds it took.
 */
import { WebClient } from '@slack/web-api';
import { createTransport } from 'nodemailer';
import { planInvite } from '../../../src/deliver/email/invite.ts';
import { inviteAlternatives } from '../../../src/deliver/email/invite-part.ts';
import { loadTemplates } from '../../../src/template/load.ts';
import { viewOf } from '../../../src/template/view.ts';
import { aWebhook } from '../webhooks.ts';

const [smtpUrl = '', slackUrl = '', count = ''] = process.argv.slice(2);
const templates = await loadTemplates('templates');
const FROM = { name: '', address: 'bookings@example.com' };
const settings = { timezone: 'UTC', locale: 'en-US', public_url: '' };
const messages = Array.from({ length: Number(count) }, (_, n) => {
  const webhook = aWebhook(n);
  const view = viewOf(webhook, { movedFrom: null, event: null }, settings);
  const mail = templates.email.get('booking-created')?.render(view);
  const post = templates.slack.get('booking')?.render(view);
  const to = String(webhook.data.attendee_email);
  const invite = planInvite(
    {
      type: webhook.type,
      resource: { kind: 'booking', id: webhook.data.id },
      data: view.data,
      facts: {},
      zone: 'UTC',
      delivery: `dl_${n}`,
      version: n,
      latest: null,
      organizer: FROM,
      attendee: { name: 'John Doe', address: to },
    },
    undefined,
    Date.parse(webhook.created_at),
  );
  if ('none' in invite) throw new Error(`no invite: ${invite.none}`);
  return { n, to, mail, alternatives: inviteAlternatives(invite), post };
});

const transport = createTransport({
  url: smtpUrl,
  pool: true,
  maxConnections: 5,
});
const slack = new WebClient('xoxb-bench', {
  slackApiUrl: slackUrl,
  retryConfig: { retries: 0 },
  rejectRateLimitedCalls: true,
});

const inParallel = async (
  width: number,
  act: (message: (typeof messages)[number]) => Promise<unknown>,
): Promise<void> => {
  const left = messages.values();
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const message of left) await act(message);
    }),
  );
};

const begun = performance.now();
await Promise.all([
  inParallel(5, ({ n, to, mail, alternatives }) =>
    transport.sendMail({
      from: FROM,
      to: { name: 'John Doe', address: to },
      messageId: `<${n}@example.com>`,
      ...mail,
      alternatives,
    }),
  ),
  inParallel(8, ({ n, post }) =>
    slack.chat.postMessage({
      channel: `#c${n}`,
      text: post?.text ?? '',
      blocks: [...(post?.blocks ?? [])],
      metadata: { event_type: 'webkasa_delivery', event_payload: { delivery_id: `dl_${n}` } },
    }),
  ),
]);
console.log(performance.now() - begun);
transport.close();
