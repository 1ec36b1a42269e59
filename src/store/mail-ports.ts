import type { Resource } from '../core/resource.ts';
import type { Page } from './ports.ts';

/** For mails that belong together, and for invites. */
export type MailStore = {
  /** The mails that were sent about a resource to an address, see MailThread; `key` is the delivery's. */
  getThread(key: string): Promise<MailThread | undefined>;
  saveThread(key: string, thread: MailThread): Promise<void>;
  /** What calendars were last told under a UID (RFC 5545 §3.8.4.7). */
  getInvite(uid: string): Promise<SentInvite | undefined>;
  /** Written before the mail goes out, so that a repeated attempt says the same. */
  saveInvite(uid: string, invite: SentInvite): Promise<void>;
  /** Why an address was refused for good; undefined where it was not. Addresses are compared in lower case. */
  refusedAddress(address: string): Promise<RefusedAddress | undefined>;
  refuseAddress(refused: RefusedAddress): Promise<void>;
  /** Newest first. */
  refusedAddresses(page: Page): Promise<readonly RefusedAddress[]>;
  /** The newest states of up to `limit` registrations of an event, cancelled ones too, in the order of their ids after `after`. */
  registered(eventId: string, after: string, limit: number): Promise<readonly Resource[]>;
  /** Lets mails to it go out again; `false` where it was not refused. */
  allowAddress(address: string): Promise<boolean>;
};

/** By these the next mail joins the conversation (RFC 5322 §3.6.4). */
export type MailThread = { readonly root: string; readonly last: string; readonly subject: string };

export type SentInvite = {
  readonly sequence: number;
  /** The delivery that told it, and its version: the same delivery tells it again in the same words. */
  readonly delivery: string;
  readonly version: number;
  /** DTSTAMP, in Unix milliseconds. */
  readonly stamp: number;
  readonly method: 'REQUEST' | 'CANCEL';
  /** What may not change without a new SEQUENCE: start, end, all-day. */
  readonly times: string;
};

export type RefusedAddress = {
  readonly address: string;
  readonly at: number;
  readonly code: string;
  readonly message: string;
};
