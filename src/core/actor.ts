/** Somebody who asked for something to be done; kept with what was done. */
export type Actor = {
  /** Slack's user id, or the account on the machine where the command line was used. */
  readonly id: string;
  readonly name: string;
  readonly via: 'slack' | 'command line';
};

/** What people can have done. */
export type ActKind = 'retry' | 'rerun' | 'subscribe' | 'unsubscribe' | 'pause' | 'resume' | 'erase';

/** Something that somebody had done: kept for good, and shown by `why`. */
export type Act = {
  /** Unix milliseconds. */
  readonly at: number;
  readonly by: Actor;
  readonly kind: ActKind;
  /** The id it was asked for: a resource, webhook, delivery, rule or subscription. */
  readonly subject: string;
  /** What came of it, in a sentence. */
  readonly summary: string;
};
