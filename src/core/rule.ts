/** The three kinds of action, each performed by one channel. */
export const ACTION_KINDS = ['email', 'slack', 'sheet'] as const;
export type ActionKind = (typeof ACTION_KINDS)[number];

/**
 * What to do when a newer state of the same resource was already told to the same destination: `skip` (the default for
 * mail and plain Slack messages) ends the delivery as superseded, `deliver` (the default for rows without a key, which are logs, and for
 * cards and threads, which tell it as history) performs it anyway.
 */
export type WhenLate = 'skip' | 'deliver';

/**
 * How a channel is told. `card`: one message for each booking or event that always shows its newest state, with its history
 * in the thread. `thread`: one message, and what follows as replies. `plain`: a message of its own each time.
 */
export const SLACK_STYLES = ['card', 'thread', 'plain'] as const;
export type SlackStyle = (typeof SLACK_STYLES)[number];

/**
 * Until when a mail makes sense. `change`: until a newer state of the same booking, event or registration is known.
 * `start`: until it begins. `always`. Where a rule says nothing, the type of the webhook decides.
 */
export const USEFUL_UNTIL = ['change', 'start', 'always'] as const;
export type UsefulUntil = (typeof USEFUL_UNTIL)[number];

/**
 * In place of an address in a rule about an event: one mail for each registration that is not cancelled. No address is
 * written like this.
 */
export const EVERYONE_REGISTERED = 'everyone-registered';

/** Every string in an action is a Liquid template over the webhook. */
export type EmailAction = {
  readonly to: string | readonly string[];
  readonly template: string;
  readonly subject?: string | undefined;
  readonly reply_to?: string | undefined;
  readonly from_name?: string | undefined;
  readonly cc?: string | readonly string[] | undefined;
  readonly bcc?: string | readonly string[] | undefined;
  /** `true` where absent and the mail goes to the attendee. */
  readonly invite?: boolean | undefined;
  /** Seconds in which a newer state takes this mail's place. */
  readonly hold?: number | undefined;
  readonly until?: UsefulUntil | undefined;
  readonly late?: WhenLate | undefined;
};

export type SlackAction = {
  /** Channel name or id; the default channel (SLACK_CHANNEL) where absent. */
  readonly channel?: string | undefined;
  /** A template of templates/slack, or `text` in its place. */
  readonly template?: string | undefined;
  readonly text?: string | undefined;
  /** `card` where absent. */
  readonly as?: SlackStyle | undefined;
  readonly late?: WhenLate | undefined;
};

export type SheetAction = {
  /** A .csv file, or else `google` and `tab`. */
  readonly file?: string | undefined;
  /** The id of a Google spreadsheet. */
  readonly google?: string | undefined;
  readonly tab?: string | undefined;
  /** The column that names the row. */
  readonly key?: string | undefined;
  readonly columns: Readonly<Record<string, string>>;
  readonly late?: WhenLate | undefined;
};

export type Action =
  | { readonly kind: 'email'; readonly email: EmailAction }
  | { readonly kind: 'slack'; readonly slack: SlackAction }
  | { readonly kind: 'sheet'; readonly sheet: SheetAction };

/** A condition in MongoDB query syntax over the whole webhook. */
export type Condition = Readonly<Record<string, unknown>>;

export type Rule = {
  readonly id: string;
  /** Event types; `*` stands for any run of characters. */
  readonly on: readonly string[];
  readonly when?: Condition | undefined;
  readonly actions: readonly Action[];
};

/** A rule in words, for those who ask what is in effect. */
export type RuleDescription = {
  readonly id: string;
  readonly on: readonly string[];
  /** Its conditions, all of which have to hold: `data.schedule_id is in ["sch_1"]`. */
  readonly when: readonly string[];
  /** `mail to {{ data.attendee_email }}`, `Slack #bookings`, `sheet bookings.csv`. */
  readonly actions: readonly string[];
  /** The Slack channels it names, as deliveries have them; without those that only the data can tell. */
  readonly channels: readonly string[];
};

/** Why a rule planned nothing, or nothing for one of its actions: a stable code and a sentence. */
export type Reason = {
  readonly code: 'other_type' | 'condition_failed' | 'paused' | 'no_recipient' | 'invalid_field' | 'rule_error';
  readonly text: string;
};

/** What one rule made of one webhook. Each webhook gets one of each rule, whether or not anything was planned. */
export type Decision = {
  readonly rule: string;
  /** Ids of the deliveries planned; empty where the rule planned nothing. */
  readonly planned: readonly string[];
  /** Why nothing, or less than the rule names, was planned. */
  readonly reasons: readonly Reason[];
};
