import type { ClaimedDelivery } from '../../core/delivery.ts';
import { resourceKey } from '../../core/resource.ts';
import type { MailThread } from '../../store/ports.ts';
import { resourceForReader } from './registered.ts';
import { topicOf } from './subject.ts';

/** The headers by which a mail joins the ones before it (RFC 5322 §3.6.4). */
export type ThreadHeaders = {
  readonly inReplyTo?: string;
  readonly references?: readonly string[];
  /** The conversation's name for Exchange and Outlook: by the first subject, whatever that of this mail is. */
  readonly topic: string;
};

/**
 * The key of the conversation about a resource with an address; the same as the ordering key of its deliveries. A mail to
 * everyone registered for an event joins the conversation about each reader's own registration.
 */
export const threadKey = (delivery: Pick<ClaimedDelivery, 'webhook' | 'destination' | 'action'>): string => {
  const { webhook, destination } = delivery;
  const key = resourceForReader(delivery, resourceKey(webhook));
  return `${key ? `${key.kind}:${key.id}` : `webhook:${webhook.id}`}|${destination}`;
};

/** A mail that is sent again after a crash must not refer to itself. */
export const joinThread = (thread: MailThread | undefined, messageId: string, subject: string): ThreadHeaders => {
  const before = [...new Set(thread && [thread.root, thread.last])].filter((id) => id !== messageId);
  const last = before.at(-1);
  return {
    topic: topicOf(thread?.subject ?? subject),
    ...(last !== undefined && { inReplyTo: last, references: before }),
  };
};

/**
 * The conversation after a mail. `messageId` is the one it arrived with: Amazon SES and Microsoft 365 replace the original,
 * and a reference to an id that no mailbox has would start a new conversation.
 */
export const continueThread = (thread: MailThread | undefined, messageId: string, subject: string): MailThread => ({
  root: thread?.root ?? messageId,
  last: messageId,
  subject: thread?.subject ?? subject,
});
