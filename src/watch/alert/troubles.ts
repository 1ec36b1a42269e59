import type { Trouble } from '../../core/alert.ts';
import { describeProblem, type Problem } from '../../core/problem.ts';
import type { ActionKind } from '../../core/rule.ts';
import type { Pause, StoreStatus, StoryDelivery } from '../../store/ports.ts';

/*
 * The troubles the team is alerted about, and what to do about each. Pure functions.
 */

const CLI = 'npm run cli --';
const CHANNELS: Readonly<Record<ActionKind, string>> = { email: 'Mail', slack: 'Slack', sheet: 'Sheets' };
const WORK: Readonly<Record<ActionKind, string>> = { email: 'works', slack: 'works', sheet: 'work' };

export const pauseKey = (kind: ActionKind): string => `pause:${kind}`;

export const pauseTrouble = ({ kind, since, message }: Pause & { readonly kind: ActionKind }): Trouble => ({
  key: pauseKey(kind),
  title: `${CHANNELS[kind]} ${kind === 'sheet' ? 'are' : 'is'} paused`,
  overTitle: `${CHANNELS[kind]} ${WORK[kind]} again`,
  cause: message,
  remedy:
    `Nothing is lost: deliveries wait, and it is tried again by itself. Mend the credentials or settings and start the bot ` +
    `again; \`${CLI} doctor\` says what to mend.`,
  since,
});

/** Milliseconds after which waiting work is a backlog. */
export const OLD = 15 * 60_000;

export const BACKLOG_KEY = 'backlog';

/** `waiting`: deliveries that wait after a failed attempt, newest first; the first of them gives the cause. */
export const backlogTrouble = (
  { unrouted, deliveries, oldestWaiting }: StoreStatus,
  waiting: readonly StoryDelivery[],
  now: number,
): Trouble[] => {
  if (oldestWaiting === null || now - oldestWaiting <= OLD) return [];
  const last = waiting.find(({ status }) => status === 'pending');
  const why = last?.attempts.at(-1)?.message;
  return [
    {
      key: BACKLOG_KEY,
      title: 'Work has waited for longer than 15 minutes',
      overTitle: 'The bot has caught up',
      cause:
        `${unrouted} webhooks wait for their decisions and ${deliveries.pending} deliveries for their turn.` +
        (last && why ? ` The newest failure (${CHANNELS[last.kind]}): ${why}` : ''),
      remedy: `\`${CLI} failed\` shows what waits and why; \`${CLI} doctor\` checks what it waits for.`,
      since: oldestWaiting,
    },
  ];
};

export const SIGNATURE_KEY = 'signatures';

/** A burst is `count` refusals within `within` milliseconds; it is over after `quiet` milliseconds without one. */
export const BURST = { count: 20, within: 5 * 60_000, quiet: 10 * 60_000 };

/** Only for WebKasa's webhooks: the reasons for requests from Slack begin with `slack_`. */
const isSignature = (reason: string): boolean => reason.startsWith('signature_');

/** How many webhooks were refused for their signature so far, and when the last one was (Unix milliseconds). */
export const signatureRefusals = ({
  rejections,
}: StoreStatus): { readonly count: number; readonly lastAt: number } => ({
  count: rejections.reduce((sum, { reason, count }) => sum + (isSignature(reason) ? count : 0), 0),
  lastAt: Math.max(0, ...rejections.filter(({ reason }) => isSignature(reason)).map(({ lastAt }) => lastAt)),
});

export const signatureTrouble = (count: number, since: number): Trouble => ({
  key: SIGNATURE_KEY,
  title: 'Webhooks are refused for their signature',
  overTitle: 'No more webhooks are refused for their signature',
  cause: `${count} requests within five minutes were not signed with the secret that is set here.`,
  remedy:
    `If they are WebKasa's, their secret was changed: set WEBKASA_WEBHOOK_SECRET to the one that WebKasa shows (new,old while it ` +
    `changes) and start the bot again; WebKasa sends them again for about a day. If not, somebody tries the address: they get nowhere. ` +
    `\`${CLI} failed\` shows where they come from.`,
  since,
});

export const rulesTrouble = (problems: readonly Problem[], now: number): Trouble[] => {
  const errors = problems.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (!first) return [];
  return [
    {
      key: 'rules',
      title: 'The rules or templates have errors',
      overTitle: 'The rules and templates are in order again',
      cause: `${describeProblem(first)}${errors.length > 1 ? ` (and ${errors.length - 1} more)` : ''}`,
      remedy: `The rules from before the edit stay in effect. \`${CLI} check\` names every error; once mended they take effect by themselves.`,
      since: now,
    },
  ];
};

/** `message` says why and what to do. */
export const reachTrouble = (message: string, since: number): Trouble => ({
  key: 'reach',
  title: 'Nobody can ask the bot in Slack',
  overTitle: 'The bot can be asked in Slack again',
  cause: message,
  remedy:
    '`/webkasa` and the buttons get no answer until then; messages are posted and mails sent all the same. ' +
    `\`${CLI} doctor\` checks the tokens.`,
  since,
});

/** Bytes. The disk is nearly full with less than `least` free, and stays so until `enough` are free again. */
export const DISK = { least: 500_000_000, enough: 750_000_000 };

export const diskTrouble = (
  { host, folder, free }: { readonly host: string; readonly folder: string; readonly free: number },
  now: number,
): Trouble => ({
  key: `disk:${host}`,
  title: `The disk of ${host} is nearly full`,
  overTitle: `The disk of ${host} has room again`,
  cause: `${Math.round(free / 1_000_000)} MB are left where the bot keeps its data (${folder}).`,
  remedy: 'Free some space: once it is full, webhooks are answered with 503 and nothing new is kept.',
  since: now,
});

/** `message` is the store's error message. */
export const storeTrouble = (message: string, since: number): Trouble => ({
  key: 'store',
  title: 'The store takes nothing',
  overTitle: 'The store works again',
  cause: message,
  remedy:
    `WebKasa gets 503 and sends its webhooks again for about a day, so nothing is lost until then. Look whether the disk is full or ` +
    `the database is gone; \`${CLI} doctor\` checks both.`,
  since,
});
