import type { Actor } from './actor.ts';

/** One part of a subscription's `where`: `schedule:sch_1`, or with a minus in front everything but that. */
export type Filter = {
  /** `schedule`, `event`, `status`, `email`, `name`, `title`, `id`, or a path such as `data.guest_count`. */
  readonly field: string;
  readonly not: boolean;
  readonly value: string;
};

/** Which webhooks a channel wants to hear of; made in Slack, in effect like a rule of the rules file. */
export type Subscription = {
  /** `sub_…`: stands in decisions where a rule's id stands. */
  readonly id: string;
  /** Slack's id of the channel, which outlives renaming. */
  readonly channel: string;
  /** What it was called when it was subscribed, with `#`. */
  readonly channelName: string;
  /** Event types; `*` stands for any run of characters. */
  readonly types: readonly string[];
  readonly filters: readonly Filter[];
  readonly by: Actor;
  /** ISO 8601, since people read the document. */
  readonly at: string;
};

/** A rule or subscription that plans nothing until somebody resumes it. */
export type PausedRule = { readonly rule: string; readonly by: Actor; readonly at: string };

/** A channel that could not be told: archived, left, made private, or renamed where a rule names it. */
export type BrokenChannel = {
  /** As rules and subscriptions name it. */
  readonly channel: string;
  readonly since: string;
  readonly code: string;
  readonly message: string;
  /** Whether the alert channel has been told. */
  readonly told: boolean;
};

/** All that the team edits from Slack: one small document beside the rules file. */
export type Team = {
  readonly subscriptions: readonly Subscription[];
  readonly paused: readonly PausedRule[];
  readonly broken: readonly BrokenChannel[];
};

/** The team's document, as those who read and change it know it. */
export type TeamDocument = {
  /** As it is now; a new object after each change. Needs no `this`. */
  readonly current: () => Team;
  /**
   * Changes it: `change` gets the newest state and returns the next, or the same object for no change. Changes go one
   * after the other, and each is synced to disk before its promise resolves. Rejects with an OperatorError, and changes
   * nothing, where the document can't be read or written.
   */
  update(change: (team: Team) => Team): Promise<Team>;
};
