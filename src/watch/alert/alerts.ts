import type { Alert, Trouble } from '../../core/alert.ts';
import { messageOf } from '../../core/errors.ts';
import { ACTION_KINDS, type ActionKind } from '../../core/rule.ts';
import { atMost } from '../../runtime/at-most.ts';
import type { Log } from '../../runtime/log.ts';
import { createWake } from '../../runtime/wake.ts';
import type { Store, StoreStatus } from '../../store/ports.ts';
import { deathAlert, deathsAfter, GATHER, untoldDeaths } from './dead.ts';
import { keptState } from './kept.ts';
import { createPatience, type Medium } from './medium.ts';
import { createSigns } from './signs.ts';
import { type AlertState, emptyState, type Lasting, observe, owe } from './state.ts';
import { BACKLOG_KEY, backlogTrouble, pauseKey, pauseTrouble, storeTrouble } from './troubles.ts';

export type AlertsDeps = {
  readonly store: Pick<Store, 'status' | 'failed' | 'died' | 'getCard' | 'saveCard' | 'inTurn'>;
  /** How the store is; rejects where it does not answer in time. */
  readonly status: () => Promise<StoreStatus>;
  readonly media: readonly Medium[];
  /** Pauses that the run before ended with, and that are no longer in the store: see `lookInTurn`. */
  readonly left?: readonly ShownPause[];
  /** Troubles that only this process sees: its rules, its disk. */
  readonly own: () => Promise<readonly Trouble[]>;
  /** Names this process among all that ever were. */
  readonly me: string;
  readonly now: () => number;
  readonly log: Log;
  /** Milliseconds between two looks. */
  readonly every?: number;
};

type ShownPause = StoreStatus['pauses'][number];

export type Alerts = {
  /** A delivery has died: a look soon. */
  died(): void;
  /** A channel has delivered something: if it was paused, that is over. */
  worked(kind: ActionKind): void;
  [Symbol.asyncDispose](): Promise<void>;
};

const EVERY = 15_000;
/** A store that fails only now and then, as while it is restarted, is no news. */
const STORE_FAILS_FOR = 30_000;
/** At least so often something is written, so that a store that can only be read is noticed. */
const PROBE = 60_000;
/** A backlog is over once nothing has waited for longer than this. */
const CAUGHT_UP = 5 * 60_000;
/** A restart forgets pauses, and the next try shows them again: until then nothing is said of them. */
const PAUSE_OVER = 2 * 60_000;
const STOP_WITHIN = 3_000;
/** Deliveries looked at; of more that died at once the newest are told. */
const LOOKED_AT = 200;

/**
 * Looks every fifteen seconds whether something begins to fail or works again, and tells each medium once. What was told, and
 * what is still owed to a medium that takes nothing, is kept in the store, and is looked at and changed in turn: so it is told
 * once by however many processes, whenever they start anew. It is written down after it was told: a crash in between tells it
 * twice, where the other way round would never tell it. Alerts are no deliveries: that one can't be told is logged, and is
 * nothing to be told.
 */
export const startAlerts = (deps: AlertsDeps): Alerts => {
  const { store, status, media, own, me, now, log, every = EVERY } = deps;
  let { left = [] } = deps;
  const alarm = createWake();
  const kept = keptState(store, now);
  const signs = createSigns(now);
  const patience = createPatience(now);
  const worked = new Map<ActionKind, number>();
  /** Whether there may be deaths that were not told yet. */
  let deaths = true;
  let dying: number | undefined;
  let stopped = false;
  /** Of what can't be kept, since it is the store that fails. */
  let local = emptyState(now());
  let failing: { readonly since: number; readonly message: string } | undefined;

  const isOver =
    (found: StoreStatus) =>
    ({ trouble, seenAt }: Lasting): boolean => {
      if (trouble.key === BACKLOG_KEY) return found.oldestWaiting === null || now() - found.oldestWaiting < CAUGHT_UP;
      const kind = ACTION_KINDS.find((each) => pauseKey(each) === trouble.key);
      return kind === undefined || (worked.get(kind) ?? 0) > seenAt || Math.abs(now() - seenAt) > PAUSE_OVER;
    };

  /** Tells what is owed and due, each medium in its order, and returns what still is owed. */
  const settle = async (owed: AlertState['owed'], isDue: (alert: Alert) => boolean): Promise<AlertState['owed']> => {
    const settled = await Promise.all(
      media.map(async (medium): Promise<[string, readonly Alert[]]> => {
        const waiting: Alert[] = [];
        for (const alert of owed[medium.name] ?? []) {
          const tries = isDue(alert) && !stopped && patience.mayTry(medium.name);
          const taken = tries && (await medium.tell(alert));
          if (tries) patience.took(medium.name, taken);
          if (!taken) waiting.push(alert);
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
   * What begins is told while it is seen: of what is not seen just now, as a pause that a restart may have mended, is told that
   * it goes on, or that it is over. A bot that starts anew again and again, each time before the second look, would never tell
   * of a pause so: what two runs left behind one after the other is told at the first look of the next.
   */
  const lookInTurn = async (found: StoreStatus): Promise<void> => {
    const before = await kept.read();
    const time = now();
    // Those of another process, which may have died before it could tell of them.
    if (found.deliveries.dead !== dying) deaths = true;
    dying = found.deliveries.dead;
    const old = backlogTrouble(found, [], time).length > 0;
    const waiting = old ? await store.failed(LOOKED_AT) : [];
    const unseen = left.filter(({ kind }) => !found.pauses.some((pause) => pause.kind === kind));
    const shared = [
      ...[...found.pauses, ...unseen].map(pauseTrouble),
      // While a channel is paused, that says why its deliveries wait.
      ...(found.pauses.length > 0 ? stillBacklog(before, found, time) : backlogTrouble(found, waiting, time)),
      ...signs.signatures(found, before.lasting),
    ];
    const mine = await own();
    const { lasting, alerts } = observe(before.lasting, { now: time, me, shared, own: mine, isOver: isOver(found) });
    const known = new Set(before.lasting.map(({ trouble }) => trouble.key));
    const once = new Set(unseen.map(({ kind }) => pauseKey(kind)).filter((key) => !known.has(key)));
    const seen = new Set([...shared, ...mine].map(({ key }) => key).filter((key) => !once.has(key)));
    // What another process sees is for nobody else to judge.
    for (const { trouble, seenBy } of lasting) if (seenBy) seen.add(trouble.key);
    let { dead } = before;
    const untold = deaths ? untoldDeaths(dead, await store.died(deathsAfter(dead, time), LOOKED_AT), time) : [];
    const all = [...alerts];
    if (untold.length === 0) deaths = false;
    else if (Math.abs(time - dead.toldAt) >= GATHER) {
      const told = deathAlert(dead, untold, time);
      dead = told.dead;
      all.push(told.alert);
      deaths = false;
    }
    all.forEach(note);
    const isDue = (alert: Alert): boolean => alert.as !== 'begun' || seen.has(alert.trouble.key);
    const owed = await settle(owedWith(before.owed, all), isDue);
    const changed = lasting !== before.lasting || all.length > 0 || countOf(owed) !== countOf(before.owed);
    if (changed || Math.abs(time - before.savedAt) >= PROBE) await kept.write({ lasting, owed, dead, savedAt: time });
    left = [];
  };

  /** What is told of the store itself is remembered here: where it can't be written there is no other place. */
  const lookAtStore = async (): Promise<void> => {
    const time = now();
    const trouble =
      failing && time - failing.since >= STORE_FAILS_FOR ? [storeTrouble(failing.message, failing.since)] : [];
    // As long as it fails now and then, it is not over.
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

/** A backlog that was told before a channel was paused goes on; a new one is not begun then. */
const stillBacklog = ({ lasting }: AlertState, found: StoreStatus, now: number): Trouble[] =>
  backlogTrouble(found, [], now).filter(({ key }) => lasting.some(({ trouble }) => trouble.key === key));

const countOf = (owed: AlertState['owed']): number => Object.values(owed).reduce((sum, { length }) => sum + length, 0);
