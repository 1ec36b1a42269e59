import type { Alert, Trouble } from '../../core/alert.ts';
import { messageOf } from '../../core/errors.ts';
import { ACTION_KINDS, type ActionKind } from '../../core/rule.ts';
import { atMost } from '../../runtime/at-most.ts';
import type { Log } from '../../runtime/log.ts';
import { createWake } from '../../runtime/wake.ts';
import type { Store, StoreStatus } from '../../store/ports.ts';
import { deathAlert, deathsAfter, GATHER, untoldDeaths } from './dead.ts';
import { keptState } from './kept.ts';
import { createBackoff, type Medium } from './medium.ts';
import { createSigns } from './signs.ts';
import { type AlertState, emptyState, type Lasting, observe, owe } from './state.ts';
import { BACKLOG_KEY, backlogTrouble, pauseKey, pauseTrouble, storeTrouble } from './troubles.ts';

export type AlertsDeps = {
  readonly store: Pick<Store, 'status' | 'failed' | 'died' | 'getCard' | 'saveCard' | 'inTurn'>;
  /** The store's status; rejects if it does not answer in time. */
  readonly status: () => Promise<StoreStatus>;
  readonly media: readonly Medium[];
  /** Pauses in effect when the previous run ended, which the start has removed from the store: see `lookInTurn`. */
  readonly left?: readonly ShownPause[];
  /** Troubles that only this process can see, as of its rules and its disk. Must not reject. */
  readonly own: () => Promise<readonly Trouble[]>;
  /** A name that no other process has, or ever had. */
  readonly me: string;
  readonly now: () => number;
  readonly log: Log;
  /** Milliseconds between two checks. */
  readonly every?: number;
};

type ShownPause = StoreStatus['pauses'][number];

export type Alerts = {
  /** A delivery has died: the next check looks for it. */
  died(): void;
  /** A channel has delivered something, so a pause of it is over. */
  worked(kind: ActionKind): void;
  [Symbol.asyncDispose](): Promise<void>;
};

const EVERY = 15_000;
/** A store that fails for a moment, as during its restart, is not worth an alert. */
const STORE_FAILS_FOR = 30_000;
/** The state is written at least this often, so that a store that can only be read is noticed. */
const PROBE = 60_000;
/** A backlog is over once no work has waited for longer than this. */
const CAUGHT_UP = 5 * 60_000;
/** A restart clears pauses, and the next attempt sets them again if need be: until then a pause does not count as over. */
const PAUSE_OVER = 2 * 60_000;
const STOP_WITHIN = 3_000;
/** How many deliveries are read at most; of more that died at once, the last ones are reported. */
const LOOKED_AT = 200;

/**
 * Checks every fifteen seconds whether something begins to fail or works again, and sends each alert to each medium once.
 * What was sent, and what is still owed to a medium that failed, is kept in the store; processes read and change it in turn.
 * So an alert is sent once, whatever the number of processes and however often they restart. The state is written after
 * sending: a crash in between repeats an alert, where the other order could lose it. Alerts are not deliveries: one that can't
 * be sent is logged, and causes no alert itself.
 */
export const startAlerts = (deps: AlertsDeps): Alerts => {
  const { store, status, media, own, me, now, log, every = EVERY } = deps;
  let { left = [] } = deps;
  const alarm = createWake();
  const kept = keptState(store, now);
  const signs = createSigns(now);
  const backoff = createBackoff(now);
  const worked = new Map<ActionKind, number>();
  /** Whether there may be deaths that no alert has reported. */
  let deaths = true;
  let dying: number | undefined;
  let stopped = false;
  /** The state of the alert about the store itself, which can't be kept in a store that fails. */
  let local = emptyState(now());
  let failing: { readonly since: number; readonly message: string } | undefined;

  const isOver =
    (found: StoreStatus) =>
    ({ trouble, seenAt }: Lasting): boolean => {
      if (trouble.key === BACKLOG_KEY) return found.oldestWaiting === null || now() - found.oldestWaiting < CAUGHT_UP;
      const kind = ACTION_KINDS.find((each) => pauseKey(each) === trouble.key);
      return kind === undefined || (worked.get(kind) ?? 0) > seenAt || Math.abs(now() - seenAt) > PAUSE_OVER;
    };

  /** Sends what is owed and due, to each medium in order, and returns what is still owed. */
  const settle = async (owed: AlertState['owed'], isDue: (alert: Alert) => boolean): Promise<AlertState['owed']> => {
    const settled = await Promise.all(
      media.map(async (medium): Promise<[string, readonly Alert[]]> => {
        const waiting: Alert[] = [];
        for (const alert of owed[medium.name] ?? []) {
          const tries = isDue(alert) && !stopped && backoff.mayTry(medium.name);
          const sent = tries && (await medium.tell(alert));
          if (tries) backoff.tried(medium.name, sent);
          if (!sent) waiting.push(alert);
        }
        return [medium.name, waiting];
      }),
    );
    return Object.fromEntries(settled.filter(([, waiting]) => waiting.length > 0));
  };

  const owedWith = (owed: AlertState['owed'], alerts: readonly Alert[]): AlertState['owed'] =>
    Object.fromEntries(media.map(({ name }) => [name, alerts.reduce(owe, owed[name] ?? [])]));

  const note = (alert: Alert): void => {
    const told = media.length > 0 ? ': the team is told' : '';
    if (alert.as === 'dead') log.warn({ deliveries: alert.count }, `deliveries are dead${told}`);
    else if (alert.as === 'begun') log.warn({ trouble: alert.trouble.key }, `${alert.trouble.title}${told}`);
    else log.info({ trouble: alert.trouble.key }, `${alert.trouble.overTitle}${told}`);
  };

  /**
   * The beginning of a trouble is sent only while the trouble is seen: a pause that is not seen right now may have been mended
   * by a restart, and then only its end is worth an alert. But a bot that restarts over and over, each time before its second
   * check, would never report a pause that way. So a pause that two runs in a row left behind counts as seen at the first
   * check of the next run.
   */
  const lookInTurn = async (found: StoreStatus): Promise<void> => {
    const before = await kept.read();
    const time = now();
    // Deaths in another process, which may have ended before it could report them.
    if (found.deliveries.dead !== dying) deaths = true;
    dying = found.deliveries.dead;
    const old = backlogTrouble(found, [], time).length > 0;
    const waiting = old ? await store.failed(LOOKED_AT) : [];
    const unseen = left.filter(({ kind }) => !found.pauses.some((pause) => pause.kind === kind));
    const shared = [
      ...[...found.pauses, ...unseen].map(pauseTrouble),
      // A pause already explains why deliveries wait.
      ...(found.pauses.length > 0 ? stillBacklog(before, found, time) : backlogTrouble(found, waiting, time)),
      ...signs.signatures(found, before.lasting),
    ];
    const mine = await own();
    const { lasting, alerts } = observe(before.lasting, { now: time, me, shared, own: mine, isOver: isOver(found) });
    const known = new Set(before.lasting.map(({ trouble }) => trouble.key));
    const once = new Set(unseen.map(({ kind }) => pauseKey(kind)).filter((key) => !known.has(key)));
    const seen = new Set([...shared, ...mine].map(({ key }) => key).filter((key) => !once.has(key)));
    // Only the process that sees a trouble of its own can tell whether it goes on.
    for (const { trouble, seenBy } of lasting) if (seenBy) seen.add(trouble.key);
    let { dead } = before;
    // Reset before reading: what dies meanwhile sets it again.
    const mayHaveDied = deaths;
    deaths = false;
    const untold = mayHaveDied ? untoldDeaths(dead, await store.died(deathsAfter(dead, time), LOOKED_AT), time) : [];
    const all = [...alerts];
    if (untold.length > 0 && Math.abs(time - dead.toldAt) >= GATHER) {
      const told = deathAlert(dead, untold, time);
      dead = told.dead;
      all.push(told.alert);
    } else if (untold.length > 0) deaths = true;
    all.forEach(note);
    const isDue = (alert: Alert): boolean => alert.as !== 'begun' || seen.has(alert.trouble.key);
    const owed = await settle(owedWith(before.owed, all), isDue);
    const changed = lasting !== before.lasting || all.length > 0 || countOf(owed) !== countOf(before.owed);
    if (changed || kept.isUnwritten() || Math.abs(time - before.savedAt) >= PROBE) {
      await kept.write({ lasting, owed, dead, savedAt: time });
    }
    left = [];
  };

  /** Alerts about the store itself. Their state is kept in memory: a store that can't be written has no place for it. */
  const lookAtStore = async (): Promise<void> => {
    const time = now();
    const trouble =
      failing && time - failing.since >= STORE_FAILS_FOR ? [storeTrouble(failing.message, failing.since)] : [];
    // While the store still fails now and then, the trouble is not over.
    const own = trouble.length > 0 || failing ? [...trouble, ...local.lasting.map((each) => each.trouble)] : [];
    const { lasting, alerts } = observe(local.lasting, { now: time, me, shared: [], own, isOver: () => true });
    alerts.forEach(note);
    local = { ...local, lasting, owed: await settle(owedWith(local.owed, alerts), () => true) };
  };

  const look = async (): Promise<void> => {
    try {
      const found = await status();
      await store.inTurn('alerts', () => lookInTurn(found));
      failing = undefined;
    } catch (error) {
      failing = { since: failing?.since ?? now(), message: messageOf(error) };
      deaths = true;
      log.debug({ error: failing.message }, 'the store could not be asked for what to tell the team');
    }
    await lookAtStore();
  };

  const run = async (): Promise<void> => {
    while (!stopped) {
      await look();
      await alarm.sleep(every);
    }
  };
  const running = run();

  return {
    died() {
      deaths = true;
    },
    worked: (kind) => void worked.set(kind, now()),
    async [Symbol.asyncDispose]() {
      stopped = true;
      alarm.stop();
      await atMost(STOP_WITHIN, running);
    },
  };
};

/** While a channel is paused, a backlog that was reported before goes on, but no new one begins. */
const stillBacklog = ({ lasting }: AlertState, found: StoreStatus, now: number): Trouble[] =>
  backlogTrouble(found, [], now).filter(({ key }) => lasting.some(({ trouble }) => trouble.key === key));

const countOf = (owed: AlertState['owed']): number => Object.values(owed).reduce((sum, { length }) => sum + length, 0);
