import type { ClaimedDelivery } from '../../core/delivery.ts';
import { resourceKey } from '../../core/resource.ts';
import type { MailThread } from '../../store/ports.ts';
import { matterOf } from './registered.ts';
import { topicOf } from './subject.ts';

/** The headers by which a mail joins the ones before it (RFC 5322 §3.6.4). */
export type ThreadHeaders = {
  readonly inReplyTo?: string;
  readonly references?: readonly string[];
  /** What Exchange and Outlook call the conversation, whatever the subject of this mail: that of the first one. */
  readonly topic: string;
};

/**
 * Names the conversation about a resource with an address: the same as the key its deliveries are kept in order by. A mail to
 * everyone registered for an event belongs to the conversation about each one's own registration.
 */
export const threadKey = (delivery: Pick<ClaimedDelivery, 'webhook' | 'destination' | 'action'>): string => {
  const { webhook, destination } = delivery;
  const key = matterOf(delivery, resourceKey(webhook));
  return `${key ? `${key.kind}:${key.id}` : `webhook:${webhook.id}`}|${destination}`;
};

/** A mail is never an answer to itself, as one that is sent again after a crash would be. */
export const joinThread = (thread: MailThread | undefined, messageId: string, subject: string): ThreadHeaders => {
  const before = [...new Set(thread && [thread.root, thread.last])].filter((id) => id !== messageId);
  const last = before.at(-1);
  return {
    topic: topicOf(thread?.subject ?? subject),
    ...(last !== undefined && { inReplyTo: last, references: before }),
  };
};

/**
 * The conversation after a mail. `messageId` is the one it arrived under: Amazon SES and Microsoft 365 replace the one it
 * was sent with, and answering a mail that nobody has would start a conversation of its own.
 */
export const continueThread = (thread: MailThread | undefined, messageId: string, subject: string): MailThread => ({
  root: thread?.root ?? messageId,
  last: messageId,
  subject: thread?.subject ?? subject,
});
