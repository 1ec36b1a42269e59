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

/** All that a decision rests on; the same input gives the same decision and the same delivery ids. */
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
  /** Names the run where a webhook is planned once more: its deliveries are others than the first ones. */
  readonly run?: string;
};

export type Plan = { readonly decision: Decision; readonly deliveries: readonly PlannedDelivery[] };

/**
 * What one rule makes of one webhook. Never throws: a rule that fails on some data says so in its decision, and leaves
 * the other rules alone.
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

/** What a rule's actions make of a webhook, whether or not it is one the rule asks for. Never throws. */
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
 * What deliveries are kept in order about: the webhook's own resource. Registrations share the card of their event, which
 * sees to that itself; were they kept in order here, one that waits would hold up everybody else's.
 */
const keyOf = ({ webhook, key }: DecisionInput): string => (key ? `${key.kind}:${key.id}` : `webhook:${webhook.id}`);
