import { hash } from 'node:crypto';
import { stringify } from 'yaml';
import type { Actor } from '../../src/core/actor.ts';
import type { PlannedDelivery } from '../../src/core/delivery.ts';
import { DeliveryError } from '../../src/core/errors.ts';
import { applyWebhook, resourceKey } from '../../src/core/resource.ts';
import type { RoutedWebhook } from '../../src/core/routed.ts';
import { createdAt, parseWebhook, type Webhook } from '../../src/core/webhook.ts';
import { previewRerun, type RerunDeps, type RerunOutcome, type RerunPreview, runAgain } from '../../src/query/rerun.ts';
import type { CompiledRule } from '../../src/route/compile.ts';
import { decide } from '../../src/route/plan.ts';
import { planAgain } from '../../src/route/replan.ts';
import type { Settlement, Store } from '../../src/store/ports.ts';
import { viewOf } from '../../src/template/view.ts';
import { aCompiledRule, SETTINGS } from '../route/support.ts';
import { aReceived, T0 } from '../support/builders.ts';
import { tempStore } from '../support/temp.ts';

export const ANNA: Actor = { id: 'U0ANNA', name: 'anna', via: 'slack' };

const DEFAULTS = { slackChannel: '#bookings' };

/** Rules as they stand in the file, by their id. */
export type Rules = Readonly<Record<string, object>>;

const compiled = (rules: Rules): CompiledRule[] =>
  Object.entries(rules).map(([id, rule]) => aCompiledRule(stringify({ id, ...rule })));

/** A bot without channels: webhooks are routed by rules into a real store, and performed when a test says so. */
export type RerunWorld = {
  readonly store: Store;
  readonly deps: RerunDeps;
  /** The rules from now on. */
  setRules(rules: Rules): void;
  /** What the templates of a kind say from now on; an error where they can't be rendered. */
  setWording(kind: string, wording: string | DeliveryError): void;
  hear(webhook: Webhook): Promise<void>;
  /** Tries all that is due, and ends it as done unless told otherwise. Returns the destinations, in order. */
  perform(outcome?: (kind: string) => Settlement['outcome'] | undefined): Promise<string[]>;
  preview(id: string): Promise<RerunPreview>;
  run(id: string, chosen: readonly string[], token?: string): Promise<RerunOutcome>;
};

export const rerunWorld = async (first: Rules): Promise<RerunWorld> => {
  const store = await tempStore();
  const wording = new Map<string, string | DeliveryError>();
  let rules = compiled(first);
  let now = T0;
  let runs = 0;

  const fingerprint = (planned: PlannedDelivery, { webhook, movedFrom }: RoutedWebhook): string | DeliveryError => {
    const said = wording.get(planned.kind) ?? 'as it was';
    return said instanceof DeliveryError
      ? said
      : hash('sha256', JSON.stringify([said, planned.action, webhook, movedFrom]), 'hex');
  };
  const deps: RerunDeps = {
    store,
    plan: (routed, run) => planAgain(routed, { settings: SETTINGS, defaults: DEFAULTS }, rules, run),
    fingerprint,
  };

  const tryOne = async (
    id: string,
    outcome: (kind: string) => Settlement['outcome'] | undefined,
  ): Promise<string | undefined> => {
    const [claim] = await store.claim([id], now);
    if (!claim) return undefined;
    const { kind, destination, attempt, action, webhook, movedFrom, event, receivedAt, version, rule } = claim;
    const planned = {
      id,
      webhookId: webhook.id,
      rule,
      kind,
      destination,
      key: '',
      version,
      late: 'skip',
      action,
    } as const;
    const print = fingerprint(planned, { webhook, movedFrom, event, receivedAt });
    const receipt = { summary: 'told', ...(typeof print === 'string' && { fingerprint: print }) };
    await store.settle({ attempt, id, at: now, outcome: outcome(kind) ?? { status: 'done', receipt } });
    return destination;
  };

  return {
    store,
    deps,
    setRules: (next) => {
      rules = compiled(next);
    },
    setWording: (kind, said) => {
      wording.set(kind, said);
    },

    async hear(webhook) {
      now += 60_000;
      await store.accept(aReceived({ webhook, receivedAt: now }));
      const [stored] = await store.unrouted(1);
      if (!stored) throw new Error(`${webhook.id} is known already`);
      const parsed = parseWebhook(stored.body);
      const heard = 'webhook' in parsed ? parsed.webhook : webhook;
      const key = resourceKey(heard);
      const before = key && (await store.getResource(key));
      const applied = key && applyWebhook(before, key, heard, now, 'UTC');
      const movedFrom = applied?.movedFrom ?? null;
      const view = viewOf(heard, { movedFrom, event: null }, SETTINGS);
      const plans = rules.map((rule) =>
        decide(rule, { webhook: heard, view, receivedAt: now, key, movedFrom, defaults: DEFAULTS }),
      );
      await store.saveRouting({
        seq: stored.seq,
        createdAt: createdAt(heard, now),
        decidedAt: now,
        decisions: plans.map(({ decision }) => decision),
        deliveries: plans.flatMap(({ deliveries }) => deliveries),
        oddities: [],
        movedFrom,
        key,
        resource: applied?.resource,
        expectedVersion: before?.version,
      });
    },

    async perform(outcome = () => undefined) {
      now += 60_000;
      const told: string[] = [];
      for (const kind of ['email', 'slack', 'sheet'] as const) {
        for (let due = await store.due(kind, now, 100); due.length > 0; due = await store.due(kind, now, 100)) {
          for (const { id } of due) {
            const destination = await tryOne(id, outcome);
            if (destination !== undefined) told.push(destination);
          }
        }
      }
      return told;
    },

    preview: (id) => previewRerun(deps, id),

    run(id, chosen, token) {
      now += 1_000;
      runs += 1;
      return runAgain(deps, { id, chosen, token: token ?? `run ${runs}`, by: ANNA }, now);
    },
  };
};
