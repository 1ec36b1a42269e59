import type { PlannedDelivery } from '../core/delivery.ts';
import { deliveryId } from '../core/delivery-id.ts';
import { matchesType } from '../core/matches-type.ts';
import type { ResourceKey } from '../core/resource.ts';
import type { Decision, Reason } from '../core/rule.ts';
import { versionOf, type Webhook } from '../core/webhook.ts';
import type { View } from '../template/view.ts';
import type { CompiledRule } from './compile.ts';
import type { Subject } from './conditions.ts';
import { type Defaults, planAction } from './plan-action.ts';

/** The whole input of a decision: the same input gives the same decision and the same delivery ids. */
export type DecisionInput = {
  readonly webhook: Webhook;
  readonly view: View;
  /** Unix milliseconds; orders webhooks without a readable `created_at`. */
  readonly receivedAt: number;
  /** What the webhook is about; undefined where its data has no id. */
  readonly key: ResourceKey | undefined;
  /** The start this webhook moved the resource away from; null where it moved nothing. */
  readonly movedFrom: string | null;
  /** What of the resource's data it changed, with what was there before. */
  readonly changedFrom?: Readonly<Record<string, unknown>> | undefined;
  readonly defaults: Defaults;
  /** Names the rerun, if the webhook is planned again: its deliveries get ids of their own. */
  readonly run?: string;
};

export type Plan = { readonly decision: Decision; readonly deliveries: readonly PlannedDelivery[] };

/**
 * The decision of one rule on one webhook. Never throws: if a rule fails on some data, its decision says so, and the other
 * rules are not affected.
 */
export const decide = (rule: CompiledRule, input: DecisionInput): Plan => {
  if (!matchesType(rule.rule.on, input.webhook.type)) return { decision: rule.otherType, deliveries: [] };
  let failures: readonly string[];
  try {
    failures = rule.condition?.failures(subjectOf(input)) ?? [];
  } catch {
    return nothing(rule, [{ code: 'rule_error', text: 'its conditions could not be tested on this webhook' }]);
  }
  if (failures.length > 0) {
    return nothing(
      rule,
      failures.map((text) => ({ code: 'condition_failed', text })),
    );
  }
  return rule.paused ? nothing(rule, [rule.paused]) : planActions(rule, input);
};

/** Renders a rule's actions for a webhook, whether or not the rule matches it. Never throws. */
export const planActions = (rule: CompiledRule, input: DecisionInput): Plan => {
  const deliveries: PlannedDelivery[] = [];
  const reasons: Reason[] = [];
  const { webhook } = input;
  const version = versionOf(webhook, input.receivedAt);
  rule.actions.forEach((action, index) => {
    const planned = planAction(action, input.view, input.defaults);
    for (const { code, field, text } of planned.reasons) {
      reasons.push({ code, text: `actions[${index}].${action.kind}.${field}: ${text}` });
    }
    for (const target of planned.targets) {
      deliveries.push({
        id: deliveryId([webhook.id, rule.id, index, target.recipient], input.run),
        webhookId: webhook.id,
        rule: rule.id,
        kind: action.kind,
        destination: target.destination,
        key: `${keyOf(input)}|${target.destination}`,
        version,
        late: action.late,
        ...(action.kind === 'email' && action.hold > 0 && { hold: action.hold }),
        action: target.action,
      });
    }
  });
  return { decision: { rule: rule.id, planned: deliveries.map((delivery) => delivery.id), reasons }, deliveries };
};

const subjectOf = ({ webhook, movedFrom, changedFrom }: DecisionInput): Subject => ({
  ...webhook,
  moved: movedFrom !== null,
  changed: changedFrom ? Object.keys(changedFrom) : NOTHING,
});

const NOTHING: readonly string[] = [];

const nothing = (rule: CompiledRule, reasons: readonly Reason[]): Plan => ({
  decision: { rule: rule.id, planned: [], reasons },
  deliveries: [],
});

/**
 * The resource by which deliveries are ordered: the webhook's own. Registrations share the card of their event, and the card
 * keeps their order itself; ordering them by event here would let one waiting registration hold up all others.
 */
const keyOf = ({ webhook, key }: DecisionInput): string => (key ? `${key.kind}:${key.id}` : `webhook:${webhook.id}`);
