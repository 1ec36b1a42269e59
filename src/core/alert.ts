import type { ActionKind } from './rule.ts';

/** Something that fails, from its beginning to its end. Texts are plain, for people, and hold no secret. */
export type Trouble = {
  /** What it is about, the same for as long as it lasts: `pause:email`. */
  readonly key: string;
  /** `Mail is paused`; as a subject it holds nothing that somebody outside wrote. */
  readonly title: string;
  /** What is told when it is over: `Mail works again`. */
  readonly overTitle: string;
  readonly cause: string;
  readonly remedy: string;
  /** Unix milliseconds. */
  readonly since: number;
};

/** A delivery that nobody will get unless somebody does something. */
export type DeadDelivery = {
  readonly id: string;
  readonly kind: ActionKind;
  /** As its destination names it: an address, a channel, a file. */
  readonly to: string;
  /** The booking, event or registration it is about; null where the webhook named none. */
  readonly resource: string | null;
  readonly rule: string;
  readonly code: string;
  /** Why, and what to do. */
  readonly message: string;
};

/** What the team is told once: that something fails, that it is over, or that deliveries are dead. */
export type Alert =
  | { readonly as: 'begun'; readonly trouble: Trouble }
  | { readonly as: 'over'; readonly trouble: Trouble; readonly at: number }
  | {
      readonly as: 'dead';
      /** How many since the last time they were told. */
      readonly count: number;
      /** The first few of them. */
      readonly deliveries: readonly DeadDelivery[];
      readonly at: number;
    };
