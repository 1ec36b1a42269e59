import type { Actor } from '../core/actor.ts';
import type { PlannedDelivery } from '../core/delivery.ts';
import type { RoutedWebhook } from '../core/routed.ts';
import type { ActionKind, Decision } from '../core/rule.ts';
import { isChannelId } from '../core/slack-id.ts';
import type { ActStore } from '../store/ports.ts';
import { asReported } from './rerun-change.ts';
import { type Fingerprint, type Step, stepsOf } from './rerun-effects.ts';
import { findTarget, type RerunTarget, type TargetStore } from './rerun-target.ts';
import { type Summary, summarise } from './summary.ts';

/** What a rerun of a webhook under today's rules and templates would do, action by action. */
export type RerunPreview = {
  /** The id as asked: of a resource (for its newest webhook), a webhook or a delivery. */
  readonly id: string;
  /** null if the id is unknown, or its webhook is not routed yet. */
  readonly webhook: { readonly id: string; readonly type: string; readonly receivedAt: Date } | null;
  readonly resource: Summary | null;
  /** In the order of the rules. */
  readonly effects: readonly Effect[];
  /** Rules that match this type but plan nothing, and why. */
  readonly unplanned: readonly { readonly rule: string; readonly why: readonly string[] }[];
};

/**
 * One action of one rule.
 * - `skip`: nothing will be done, and it can't be chosen: it is under way, would repeat what was sent, or something newer is there.
 * - `send`: a new mail or post. `update`: an existing card or row is changed. `add`: a new row.
 */
export type Effect = {
  /**
   * Identifies the action in a choice, and changes with what is shown of it: what it does, what was delivered before, and
   * whether something newer was delivered since. So an outdated choice does nothing that was not shown.
   */
  readonly id: string;
  readonly rule: string;
  readonly kind: ActionKind;
  readonly to: string;
  readonly does: 'skip' | 'send' | 'update' | 'add';
  /** `already sent, same text`, `differs in 2 cells: Status, Start`, `never sent`. Without times: see `toldAt`. */
  readonly why: string;
  /** When this rule last reached this recipient for this webhook. */
  readonly toldAt: Date | null;
  /** Whether it is preselected; never for what goes to the attendee. */
  readonly chosen: boolean;
  readonly toAttendee: boolean;
  /** For a mail to everyone registered that was sent before: how many got it the last time. */
  readonly gotBefore?: number;
};

export type RerunOutcome = {
  /** `repeated`: a request with this token was carried out before, and nothing was done now. */
  readonly outcome: 'planned' | 'repeated' | 'unknown';
  readonly webhookId: string;
  /** What was planned; empty where nothing was chosen. */
  readonly planned: readonly Effect[];
  readonly left: readonly Effect[];
  /** How many chosen effects are outdated or gone; nothing was done about them. */
  readonly changed: number;
};

export type RerunDeps = {
  readonly store: TargetStore & Pick<ActStore, 'rerun'>;
  /** Plans a webhook under today's rules, as routing does. `run` makes the ids of the deliveries differ from earlier ones. */
  readonly plan: (
    routed: RoutedWebhook,
    run: string,
  ) => { readonly decisions: readonly Decision[]; readonly deliveries: readonly PlannedDelivery[] };
  /** A fingerprint of the content that a delivery would send, or the error where it can't be rendered. */
  readonly fingerprint: (planned: PlannedDelivery, routed: RoutedWebhook) => Fingerprint | Promise<Fingerprint>;
};

/** Describes what a rerun would do. Changes nothing. */
export const previewRerun = async (deps: RerunDeps, id: string): Promise<RerunPreview> => {
  const target = await findTarget(deps.store, id);
  if (!target) return { id, webhook: null, resource: null, effects: [], unplanned: [] };
  const { decisions, steps } = await planSteps(deps, target);
  const { stored, resource } = target;
  return {
    id,
    webhook: { id: stored.id, type: stored.type, receivedAt: new Date(stored.receivedAt) },
    resource: resource && summarise(resource),
    effects: steps.map(({ effect }) => effect),
    unplanned: decisions.flatMap(({ rule, planned, reasons }) =>
      planned.length > 0 || reasons.every(({ code }) => code === 'other_type')
        ? []
        : [{ rule, why: reasons.map(({ text }) => text) }],
    ),
  };
};

export type RerunRequest = {
  /** As for a preview; to carry one out, the id of the webhook that it showed. */
  readonly id: string;
  /** Ids of effects. Those that are outdated are left alone, and counted as `changed`. */
  readonly chosen: readonly string[];
  /** Makes the request idempotent: a second one with the same token does nothing. */
  readonly token: string;
  readonly by: Actor;
};

/**
 * Plans what was chosen, under the current rules; the deliveries are due at once. If two people choose the same at the same
 * time it is done once: both would plan the same delivery ids, so the second gets a conflict and looks again.
 */
export const runAgain = async (deps: RerunDeps, request: RerunRequest, now: number): Promise<RerunOutcome> => {
  for (let tries = 1; ; tries += 1) {
    const outcome = await attempt(deps, request, now);
    if (outcome !== 'conflict') return outcome;
    if (tries === MOST_TRIES) throw new Error(`${request.id} is being run again by others all the time.`);
  }
};

const MOST_TRIES = 10;

const attempt = async (deps: RerunDeps, request: RerunRequest, now: number): Promise<RerunOutcome | 'conflict'> => {
  const target = await findTarget(deps.store, request.id);
  if (!target) return { outcome: 'unknown', webhookId: request.id, planned: [], left: [], changed: 0 };
  const { steps } = await planSteps(deps, target);
  const isChosen = ({ effect }: Step): boolean => effect.does !== 'skip' && request.chosen.includes(effect.id);
  const chosen = steps.filter(isChosen);
  const planned = chosen.map(({ effect }) => effect);
  const left = steps.filter((step) => !isChosen(step)).map(({ effect }) => effect);
  // An outdated effect has another id by now; one that was shown as skipped and still is counts as unchanged.
  const changed = new Set(request.chosen).difference(new Set(steps.map(({ effect }) => effect.id))).size;
  const webhookId = target.stored.id;
  const outcome = await deps.store.rerun({
    webhookId,
    token: request.token,
    // Somebody chose it knowingly, so it is delivered even if something newer was.
    deliveries: chosen.map(({ delivery }) => ({ ...delivery, late: 'deliver' })),
    insteadOf: chosen.flatMap(({ insteadOf }) => insteadOf),
    act: { at: now, by: request.by, kind: 'rerun', subject: webhookId, summary: inWords(planned, left, changed) },
  });
  if (outcome === 'conflict') return outcome;
  return outcome === 'planned'
    ? { outcome, webhookId, planned, left, changed }
    : { outcome, webhookId, planned: [], left: [], changed: 0 };
};

const planSteps = async (
  { plan, fingerprint }: RerunDeps,
  target: RerunTarget,
): Promise<{ readonly decisions: readonly Decision[]; readonly steps: readonly Step[] }> => {
  // Grows with each rerun that planned something, and is the same for two concurrent requests, which then conflict.
  const run = `run ${target.stored.deliveries.length}`;
  const { decisions, deliveries } = plan(target.routed, run);
  const seen = await Promise.all(
    deliveries.map(async (delivery) => ({
      delivery,
      fingerprint: await fingerprint(delivery, asReported(delivery, target)),
    })),
  );
  return { decisions, steps: stepsOf(seen, target) };
};

const MOST_NAMED = 10;

const inWords = (planned: readonly Effect[], left: readonly Effect[], changed: number): string => {
  // Nobody knows a channel by its id, and its name may change; the rule's id tells which channel it is.
  const names = planned
    .slice(0, MOST_NAMED)
    .map(({ kind, to, rule }) => (kind === 'slack' && isChannelId(to) ? `${kind} by ${rule}` : `${kind} ${to}`));
  if (planned.length > MOST_NAMED) names.push(`${planned.length - MOST_NAMED} more`);
  const since = changed === 0 ? '' : `; ${changed} changed since shown`;
  const rest = `${since}${left.length === 0 ? '' : `; ${left.length} left as ${left.length === 1 ? 'it is' : 'they are'}`}`;
  return planned.length === 0 ? `nothing planned${rest}` : `${planned.length} planned: ${names.join(', ')}${rest}`;
};
