import type { Actor } from '../core/actor.ts';
import type { PlannedDelivery } from '../core/delivery.ts';
import type { RoutedWebhook } from '../core/routed.ts';
import type { ActionKind, Decision } from '../core/rule.ts';
import { isChannelId } from '../core/slack-id.ts';
import type { ActStore } from '../store/ports.ts';
import { type Print, type Step, stepsOf } from './rerun-effects.ts';
import { findTarget, type RerunTarget, type TargetStore } from './rerun-target.ts';
import { type Summary, summarise } from './summary.ts';

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
  /**
   * Names the action in a choice, together with all that is said of it here: what it does, what was told before, and
   * whether something newer was told since. So a choice that comes late does nothing that was not shown.
   */
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
  /** Where it goes to everyone registered and did before: how many got it the last time. */
  readonly gotBefore?: number;
};

export type RerunOutcome = {
  /** `repeated`: this very run was asked for before, and nothing was done. */
  readonly outcome: 'planned' | 'repeated' | 'unknown';
  readonly webhookId: string;
  /** What was planned; empty where nothing was chosen. */
  readonly planned: readonly Effect[];
  readonly left: readonly Effect[];
  /** How many of those chosen are another matter by now, or are gone; nothing was done about them. */
  readonly changed: number;
};

export type RerunDeps = {
  readonly store: TargetStore & Pick<ActStore, 'rerun'>;
  /** What today's rules make of a webhook, as route/ does; `run` sets the ids of the deliveries apart from earlier ones. */
  readonly plan: (
    routed: RoutedWebhook,
    run: string,
  ) => { readonly decisions: readonly Decision[]; readonly deliveries: readonly PlannedDelivery[] };
  /** A digest of what a delivery would tell, or the error where that can't be rendered. */
  readonly fingerprint: (planned: PlannedDelivery, routed: RoutedWebhook) => Print | Promise<Print>;
};

/** Says what running a webhook again would do. Changes nothing. */
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
  /** As for a preview; what was shown in one is asked for by its webhook's id. */
  readonly id: string;
  /** Ids of effects. What is no longer as it was shown is left, and counted as changed. */
  readonly chosen: readonly string[];
  /** The same for the same click, so that a repeated one does nothing. */
  readonly token: string;
  readonly by: Actor;
};

/**
 * Plans what was chosen, under the rules of this moment; it is performed at once. Two people who choose the same at the
 * same time have it done once: both would plan the same deliveries, so the second has to look anew.
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
  // What does something else by now has another id; what is skipped as it was shown to be has not changed.
  const changed = new Set(request.chosen).difference(new Set(steps.map(({ effect }) => effect.id))).size;
  const webhookId = target.stored.id;
  const outcome = await deps.store.rerun({
    webhookId,
    token: request.token,
    // Whoever chose it wants it told, also where something newer was told since.
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
  // Counts up with each run that planned something, and is the same for two that are asked for at once.
  const run = `run ${target.stored.deliveries.length}`;
  const { decisions, deliveries } = plan(target.routed, run);
  const seen = await Promise.all(
    deliveries.map(async (delivery) => ({ delivery, print: await fingerprint(delivery, target.routed) })),
  );
  return { decisions, steps: stepsOf(seen, target) };
};

const MOST_NAMED = 10;

const inWords = (planned: readonly Effect[], left: readonly Effect[], changed: number): string => {
  // Nobody knows a channel by its id, and what it is called may change; the subscription says which one it is.
  const names = planned
    .slice(0, MOST_NAMED)
    .map(({ kind, to, rule }) => (kind === 'slack' && isChannelId(to) ? `${kind} by ${rule}` : `${kind} ${to}`));
  if (planned.length > MOST_NAMED) names.push(`${planned.length - MOST_NAMED} more`);
  const since = changed === 0 ? '' : `; ${changed} changed since shown`;
  const rest = `${since}${left.length === 0 ? '' : `; ${left.length} left as ${left.length === 1 ? 'it is' : 'they are'}`}`;
  return planned.length === 0 ? `nothing planned${rest}` : `${planned.length} planned: ${names.join(', ')}${rest}`;
};
