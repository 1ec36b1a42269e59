import type { ClaimedDelivery } from '../core/delivery.ts';
import { type DeliveryError, messageOf } from '../core/errors.ts';
import type { ActionKind } from '../core/rule.ts';
import type { Log } from '../runtime/log.ts';
import { createOutage } from '../runtime/outage.ts';
import { giveWay, type Pressure } from '../runtime/pressure.ts';
import { createWake } from '../runtime/wake.ts';
import type { DeliveryStore, DueDelivery, Settlement } from '../store/ports.ts';
import type { Channel } from './channel.ts';
import { afterFailure, handedBack, toDeliveryError } from './outcome.ts';
import { createPauseGate } from './pause.ts';

export type LaneDeps = {
  readonly channel: Channel;
  readonly store: DeliveryStore;
  readonly now: () => number;
  /** From [0, 1). */
  readonly random: () => number;
  readonly pressure: Pick<Pressure, 'high'>;
  /** Where several processes perform deliveries from this store; undefined where this one is alone. */
  readonly shared?: Shared | undefined;
  readonly log: Log;
};

export type Shared = {
  /**
   * Whether this process performs deliveries of that kind now. Kinds whose providers limit rates are performed by one
   * process at a time, so that what it keeps in memory about rates and files is complete.
   */
  mine(kind: ActionKind): boolean;
  /**
   * Whether this process still owns what it claimed at that time (by `performance.now()`). While it was cut off from the
   * store, or suspended, it may have been declared dead and its claims taken over by others.
   */
  holds(claimedAt: number): boolean;
};

export type Lane = {
  wake(): void;
  /** Claims nothing more, gives running attempts `grace` milliseconds to finish, then aborts them. */
  stop(grace: number): Promise<void>;
};

/** The longest time between two looks for due deliveries, in milliseconds. */
const IDLE = 1_000;
const MOST_AT_ONCE = 128;

/** Under load, deliveries claimed at a time and milliseconds between claims: accepting webhooks goes first. */
const GIVING_WAY = { atOnce: 4, rest: 500 };

/** Starts performing the deliveries of one channel. Lanes are independent: an outage of one channel affects no other. */
export const startLane = ({ channel, store, now, random, pressure, shared, log }: LaneDeps): Lane => {
  const alarm = createWake();
  const gate = createPauseGate(channel.kind, store, now, log);
  const abort = new AbortController();
  const underWay = new Set<Promise<void>>();
  const settling = new Set<Promise<void>>();
  /** Claimed and waiting for a place; more than there are places, so that none is idle while the next claim runs. */
  const ready: { readonly delivery: ClaimedDelivery; readonly claimedAt: number }[] = [];
  let stopping = false;

  /** Retries while the store fails: a lost outcome would mean that the delivery is performed again. */
  const settle = async (settlement: Settlement): Promise<void> => {
    for (let failures = 0; ; failures += 1) {
      try {
        return await store.settle(settlement);
      } catch (error) {
        if (failures === 0)
          log.error({ delivery: settlement.id, error: messageOf(error) }, 'an outcome waits to be stored');
        if (abort.signal.aborted) return;
        await createWake().sleep(500);
      }
    }
  };

  const write = (settlement: Settlement): void => {
    const written = settle(settlement).then(() => {
      settling.delete(written);
      alarm.wake();
    });
    settling.add(written);
  };

  const failed = async (delivery: ClaimedDelivery, error: DeliveryError): Promise<Settlement['outcome']> => {
    const outcome = afterFailure(error, delivery.tries, now(), random());
    const { id, rule, tries } = delivery;
    const facts = { delivery: id, rule, code: error.code, try: tries, status: outcome.status };
    if (outcome.status === 'dead') log.error(facts, 'a delivery is dead: `failed` shows it, `why` tells its story');
    else if (error.verdict === 'wait') log.debug(facts, 'a delivery waits for its turn');
    else if (error.verdict === 'obsolete') log.info(facts, 'a delivery is left out: `why` says for what reason');
    else log.warn(facts, 'an attempt failed');
    if (error.code === 'internal') log.error({ err: error.cause, delivery: id }, 'a channel failed unexpectedly');
    if (error.verdict === 'channel') await gate.close(error);
    return outcome;
  };

  const perform = async (delivery: ClaimedDelivery): Promise<Settlement['outcome']> => {
    try {
      const { planned, ...receipt } = await channel.perform(delivery, {
        signal: abort.signal,
        note: (note) => store.note(delivery.attempt, note),
      });
      await gate.open();
      log.debug({ delivery: delivery.id, rule: delivery.rule }, 'delivered');
      return { status: 'done', receipt, ...(planned && { planned }) };
    } catch (error) {
      return failed(delivery, toDeliveryError(error));
    }
  };

  /** The place is free as soon as the provider has answered; storing the outcome overlaps with the next attempt. */
  const start = (delivery: ClaimedDelivery): void => {
    const { id, attempt } = delivery;
    const performing = perform(delivery).then((outcome) => {
      underWay.delete(performing);
      write({ attempt, id, at: now(), outcome });
      fillPlaces();
      if (ready.length <= channel.concurrency) alarm.wake();
    });
    underWay.add(performing);
  };

  const unstarted = ({ id, attempt }: ClaimedDelivery): Settlement => ({
    attempt,
    id,
    at: now(),
    outcome: handedBack(now()),
  });

  const mine = (): boolean => !shared || (shared.mine(channel.kind) && shared.holds(performance.now()));

  const fillPlaces = (): void => {
    while (!stopping && mine() && gate.closedFor() === 0 && underWay.size < gate.places(channel.concurrency)) {
      const next = ready.shift();
      if (!next) return;
      if (shared && !shared.holds(next.claimedAt)) write(unstarted(next.delivery));
      else start(next.delivery);
    }
  };

  const admitted = async (due: readonly DueDelivery[]): Promise<string[]> => {
    if (!channel.admit) return due.map(({ id }) => id);
    const time = now();
    const given = channel.admit(due, time);
    const places = due.map(({ id }, index) => ({ id, until: given[index] ?? time }));
    const later = places.filter(({ until }) => until > time);
    if (later.length > 0) await store.postpone(later);
    return places.filter(({ until }) => until <= time).map(({ id }) => id);
  };

  const handBack = async (): Promise<void> => {
    await Promise.all(ready.splice(0).map(({ delivery }) => settle(unstarted(delivery))));
  };

  /** Claims what is due; returns for how many milliseconds there is nothing more to do. */
  const round = async (): Promise<number> => {
    if (shared) await gate.refresh();
    if (!mine()) {
      await handBack();
      return IDLE;
    }
    const rest = gate.closedFor();
    if (rest > 0) {
      await handBack();
      if (!(await gate.lifted())) return Math.min(rest, IDLE);
    }
    const places = gate.places(channel.concurrency);
    if (ready.length > places || settling.size > MOST_AT_ONCE) return IDLE;
    await giveWay(pressure, alarm, GIVING_WAY.rest);
    const wanted = pressure.high() ? GIVING_WAY.atOnce : Math.min(places * 4, MOST_AT_ONCE);
    const due = stopping ? [] : await store.due(channel.kind, now(), wanted);
    if (due.length > 0) {
      const ids = await admitted(due);
      const claimedAt = performance.now();
      const claimed = ids.length > 0 ? await store.claim(ids, now()) : [];
      ready.push(...claimed.map((delivery) => ({ delivery, claimedAt })));
      fillPlaces();
      return 0;
    }
    const next = await store.nextDue(channel.kind);
    const until = next === undefined ? IDLE : next - now();
    return until > 0 ? Math.min(until, IDLE) : IDLE;
  };

  const outage = createOutage({
    failed: (error) => log.error({ channel: channel.kind, error }, 'deliveries wait: the store failed; trying again'),
    over: () => log.info({ channel: channel.kind }, 'the store works again: deliveries go on'),
  });

  const runRound = async (): Promise<number> => {
    try {
      const rest = await round();
      outage.over();
      return rest;
    } catch (error) {
      outage.failed(messageOf(error));
      return IDLE;
    }
  };

  const run = async (): Promise<void> => {
    while (!stopping) {
      const rest = await runRound();
      if (rest > 0 && !stopping) await alarm.sleep(rest);
    }
  };
  const running = run();

  return {
    wake: alarm.wake,
    async stop(grace) {
      stopping = true;
      alarm.stop();
      const deadline = setTimeout(() => abort.abort(), grace);
      await running;
      await handBack();
      await Promise.all(underWay);
      await Promise.all(settling);
      clearTimeout(deadline);
    },
  };
};
