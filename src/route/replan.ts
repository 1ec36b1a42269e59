import type { PlannedDelivery } from '../core/delivery.ts';
import { resourceKey } from '../core/resource.ts';
import type { RoutedWebhook } from '../core/routed.ts';
import type { Decision } from '../core/rule.ts';
import { type ViewSettings, viewOf } from '../template/view.ts';
import type { CompiledRule } from './compile.ts';
import { decide } from './plan.ts';
import type { Defaults } from './plan-action.ts';

/** What planning needs besides the webhook and the rules. */
export type PlanContext = { readonly settings: ViewSettings; readonly defaults: Defaults };

/**
 * Plans a webhook that was routed before, under these rules, as if it came now. The ids of the deliveries are the first
 * ones' followed by `_` and a digest of `run`, so that the same run plans the same, and each run other deliveries than
 * the ones before. Never throws.
 */
export const planAgain = (
  { webhook, receivedAt, ...known }: RoutedWebhook,
  { settings, defaults }: PlanContext,
  rules: readonly CompiledRule[],
  run: string,
): { readonly decisions: readonly Decision[]; readonly deliveries: readonly PlannedDelivery[] } => {
  const view = viewOf(webhook, known, settings);
  const { movedFrom, changedFrom } = known;
  const plans = rules.map((rule) =>
    decide(rule, { webhook, view, receivedAt, key: resourceKey(webhook), movedFrom, changedFrom, defaults, run }),
  );
  return {
    decisions: plans.map(({ decision }) => decision),
    deliveries: plans.flatMap(({ deliveries }) => deliveries),
  };
};
