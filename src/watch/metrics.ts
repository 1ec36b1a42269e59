import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Verdict } from '../core/errors.ts';
import { ACTION_KINDS, type ActionKind } from '../core/rule.ts';

/** In seconds: from the sync of a fast disk to that of a hanging one. */
const ACCEPT_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const CALL_BUCKETS = [0.001, 0.005, 0.02, 0.1, 0.5, 2];
/** In seconds: from a row in a file to the two minutes after which an attempt to send a mail is aborted. */
const ATTEMPT_BUCKETS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120];

/** The result of an attempt; `stopped` if the bot stopped before it acted. */
export type AttemptResult = 'done' | Verdict | 'stopped';

/** The statuses in which deliveries end. */
type Ending = 'done' | 'dead' | 'superseded';
const ENDINGS: readonly Ending[] = ['done', 'dead', 'superseded'];

const API_RESULTS = ['found', 'absent', 'unreadable', 'refused', 'limited', 'unavailable'] as const;

/** The counters of this process, for Prometheus. Labels are constants of ours, never data of a request, booking or person. */
export type Metrics = {
  readonly registry: Registry;
  accepted(outcome: 'stored' | 'duplicate' | 'failed', seconds: number): void;
  rejected(reason: string): void;
  attemptBegan(channel: ActionKind): void;
  attemptEnded(channel: ActionKind, result: AttemptResult, seconds: number): void;
  ended(channel: ActionKind, as: Ending): void;
  storeCall(method: string): (failed: boolean, seconds: number) => void;
  rulesOk(ok: boolean): void;
  apiAnswered(result: string): void;
  /** Sets how to find out whether Slack reaches this process; `connected` returns undefined if that can't be known. */
  slack(connected: () => boolean | undefined): void;
};

/** Creates the counters of one process in a registry of their own. `info` becomes the labels of `webkasa_bot_info`. */
export const createMetrics = (info: Readonly<Record<string, string>>): Metrics => {
  const registry = new Registry();
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Counter({
      name: `webkasa_bot_${name}`,
      help: `${help} Counted by this process since its start.`,
      labelNames: [...labelNames],
      registers,
    });

  let slackConnected = (): boolean | undefined => undefined;
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'webkasa_bot_info',
    help: 'Always 1; the labels say what runs.',
    labelNames: Object.keys(info),
    registers,
  }).set(info, 1);

  const webhooks = counter(
    'webhooks_total',
    'Signed webhooks, by what became of them: stored, duplicate, failed (503).',
    ['outcome'],
  );
  const acceptance = new Histogram({
    name: 'webkasa_bot_accept_duration_seconds',
    help: 'How long a webhook took to be durable, of this process.',
    buckets: ACCEPT_BUCKETS,
    registers,
  });
  const rejections = counter('requests_rejected_total', 'Refused requests, by reason.', ['reason']);
  const attempts = new Histogram({
    name: 'webkasa_bot_attempt_duration_seconds',
    help: 'Attempts at deliveries, by channel and result, of this process.',
    labelNames: ['channel', 'result'],
    buckets: ATTEMPT_BUCKETS,
    registers,
  });
  const underWay = new Gauge({
    name: 'webkasa_bot_attempts_running',
    help: 'Attempts under way in this process, by channel.',
    labelNames: ['channel'],
    registers,
  });
  const endings = counter('deliveries_ended_total', 'Deliveries that ended by an attempt, by channel and status.', [
    'channel',
    'status',
  ]);
  const calls = new Histogram({
    name: 'webkasa_bot_store_call_duration_seconds',
    help: "Calls of the store, by method, of this process; a commit's wait included.",
    labelNames: ['method'],
    buckets: CALL_BUCKETS,
    registers,
  });
  const failures = counter('store_failures_total', 'Calls of the store that failed.');
  const rulesOk = new Gauge({
    name: 'webkasa_bot_rules_ok',
    help: '1 where the newest rules and templates are in effect, 0 where they have errors and those before them are; of this process.',
    registers,
  });
  new Gauge({
    name: 'webkasa_bot_slack_connected',
    help: 'Socket Mode: 1 while Slack reaches this process, 0 while it does not; no value where Slack comes over HTTP.',
    registers,
    collect() {
      const connected = slackConnected();
      if (connected === undefined) this.remove();
      else this.set(connected ? 1 : 0);
    },
  });
  const api = counter('webkasa_api_requests_total', "Requests to WebKasa's API, by result.", ['result']);

  // Present from the start, so that the first event is an increase from 0 instead of a series that begins at 1.
  for (const outcome of ['stored', 'duplicate', 'failed']) webhooks.inc({ outcome }, 0);
  for (const result of API_RESULTS) api.inc({ result }, 0);
  for (const channel of ACTION_KINDS) {
    underWay.set({ channel }, 0);
    for (const status of ENDINGS) endings.inc({ channel, status }, 0);
  }

  const outcomes = {
    stored: webhooks.labels('stored'),
    duplicate: webhooks.labels('duplicate'),
    failed: webhooks.labels('failed'),
  };
  return {
    registry,
    accepted(outcome, seconds) {
      outcomes[outcome].inc();
      acceptance.observe(seconds);
    },
    rejected: (reason) => rejections.inc({ reason }),
    attemptBegan: (channel) => underWay.inc({ channel }),
    attemptEnded(channel, result, seconds) {
      underWay.dec({ channel });
      attempts.observe({ channel, result }, seconds);
    },
    ended: (channel, status) => endings.inc({ channel, status }),
    storeCall(method) {
      const durations = calls.labels(method);
      return (failed, seconds) => {
        durations.observe(seconds);
        if (failed) failures.inc();
      };
    },
    rulesOk: (ok) => rulesOk.set(ok ? 1 : 0),
    slack(connected) {
      slackConnected = connected;
    },
    apiAnswered: (result) => api.inc({ result }),
  };
};
