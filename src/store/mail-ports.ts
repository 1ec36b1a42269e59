import type { Resource } from '../core/resource.ts';
import type { Page } from './ports.ts';

/** Mail threads, calendar invites, refused addresses, and whom a mail to everyone registered goes to. */
export type MailStore = {
  /** The conversation of a delivery key: the mails about one resource to one address. */
  getThread(key: string): Promise<MailThread | undefined>;
  saveThread(key: string, thread: MailThread): Promise<void>;
  /** The invite last sent under a UID (RFC 5545 §3.8.4.7). */
  getInvite(uid: string): Promise<SentInvite | undefined>;
  /** To be called before the mail is sent, so that a repeated attempt sends the same invite. */
  saveInvite(uid: string, invite: SentInvite): Promise<void>;
  /** Why a mail server refused an address for good; undefined if none did. Addresses are compared in lower case. */
  refusedAddress(address: string): Promise<RefusedAddress | undefined>;
  refuseAddress(refused: RefusedAddress): Promise<void>;
  /** Newest first. */
  refusedAddresses(page: Page): Promise<readonly RefusedAddress[]>;
  /** Up to `limit` registrations of an event in their newest state, cancelled ones too, by id, from the first after `after`. */
  registered(eventId: string, after: string, limit: number): Promise<readonly Resource[]>;
  /** Forgets that an address was refused, so that mails go to it again; `false` if it was not refused. */
  allowAddress(address: string): Promise<boolean>;
};

/** What the next mail needs to join the conversation: `root` and `last` are Message-IDs (RFC 5322 §3.6.4). */
export type MailThread = { readonly root: string; readonly last: string; readonly subject: string };

export type SentInvite = {
  readonly sequence: number;
  /** The delivery that sent it, and its version: repeated attempts of that delivery send the same invite again. */
  readonly delivery: string;
  readonly version: number;
  /** DTSTAMP, in Unix milliseconds. */
  readonly stamp: number;
  readonly method: 'REQUEST' | 'CANCEL';
  /** Start, end and all-day, which may not change without a new SEQUENCE. */
  readonly times: string;
};

export type RefusedAddress = {
  readonly address: string;
  readonly at: number;
  readonly code: string;
  readonly message: string;
};
