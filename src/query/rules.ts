import type { Actor } from '../core/actor.ts';

/** What is in effect: the rules of the file, and the subscriptions made in Slack. */
export type RulesAnswer = {
  readonly rules: readonly RuleLine[];
  readonly subscriptions: readonly (RuleLine & { readonly channel: string; readonly by: Actor; readonly at: Date })[];
};

export type RuleLine = {
  readonly id: string;
  readonly on: readonly string[];
  /** Its conditions in words, one each; empty where it has none. */
  readonly when: readonly string[];
  /** `mail to {{ data.attendee_email }}`, `Slack #bookings`, `sheet bookings.csv`. */
  readonly actions: readonly string[];
  readonly paused: { readonly by: Actor; readonly at: Date } | null;
  /** Channels of it that can't be told at present. */
  readonly broken: readonly { readonly channel: string; readonly since: Date; readonly message: string }[];
};
