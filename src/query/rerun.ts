import type { ActionKind } from '../core/rule.ts';
import type { Summary } from './summary.ts';

/** What running a webhook again under today's rules and templates would do, action by action. */
export type RerunPreview = {
  /** As asked: a resource (then its newest webhook), a webhook or a delivery. */
  readonly id: string;
  /** null where nothing is known under the id, or its webhook waits for the rules still. */
  readonly webhook: { readonly id: string; readonly type: string; readonly receivedAt: Date } | null;
  readonly resource: Summary | null;
  /** In the order of the rules. */
  readonly effects: readonly Effect[];
  /** Rules that ask for this type and yet plan nothing, and why. */
  readonly unplanned: readonly { readonly rule: string; readonly why: readonly string[] }[];
};

/**
 * One action of one rule.
 * - `skip`: it was told before, and would be told the same; or something newer was told since. Can't be chosen.
 * - `send`: a mail or a post of its own. `update`: a card that is there gets its newest look. `add`: a row.
 */
export type Effect = {
  /** Names the action in a choice: the same for the same webhook, rule, action and recipient. */
  readonly id: string;
  readonly rule: string;
  readonly kind: ActionKind;
  readonly to: string;
  readonly does: 'skip' | 'send' | 'update' | 'add';
  /** `already sent, same text`, `differs in 2 cells: Status, Start`, `never sent`. Without times: see `toldAt`. */
  readonly why: string;
  /** When the same rule's action last reached this recipient for this webhook. */
  readonly toldAt: Date | null;
  /** Whether it is chosen unless somebody says otherwise: never for what goes to the attendee. */
  readonly chosen: boolean;
  readonly toAttendee: boolean;
};

export type RerunOutcome = {
  readonly outcome: 'planned' | 'repeated' | 'unknown';
  readonly webhookId: string;
  /** What was planned; empty where nothing was chosen. */
  readonly planned: readonly Effect[];
  readonly left: readonly Effect[];
};
