import { messageOf } from '../core/errors.ts';
import type { Channel } from '../deliver/channel.ts';
import { startDeliverer } from '../deliver/deliverer.ts';
import type { CompiledRule } from '../route/compile.ts';
import { startRouter } from '../route/router.ts';
import type { Log } from '../runtime/log.ts';
import type { Pressure } from '../runtime/pressure.ts';
import type { Signals, Store, Work } from '../store/ports.ts';
import type { ViewSettings } from '../template/view.ts';
import type { Storage } from './storage.ts';

/** The part of the bot that routes and delivers. */
export type Working = AsyncDisposable & {
  /** To be called when there may be webhooks to route. */
  readonly wakeRouter: () => void;
  /** To be called when deliveries may be due. */
  readonly wakeDeliverer: () => void;
};

export type WorkingDeps = {
  readonly signals: Signals;
  readonly shared: Storage['shared'];
  readonly store: Store;
  readonly channels: readonly Channel[];
  readonly rules: () => readonly CompiledRule[];
  readonly settings: ViewSettings;
  readonly slackChannel: string;
  readonly pressure: Pressure;
  readonly now: () => number;
  readonly log: Log;
};

const KINDS = ['email', 'slack', 'sheet'] as const;
/** How often to look for work that dead processes have left, in milliseconds. */
const RECOVER_MS = 2_000;

/** Starts routing and delivering, and listens for work that other processes make. */
export const startWorking = async (deps: WorkingDeps): Promise<Working> => {
  const { signals, shared, store, channels, rules, settings, slackChannel, pressure, now, log } = deps;
  await using starting = new AsyncDisposableStack();
  const random = Math.random;
  const deliverer = starting.use(await startDeliverer({ store, channels, shared, now, random, pressure, log }));
  const router = starting.use(
    startRouter({
      store,
      rulebook: () => ({ rules: rules() }),
      settings,
      slackChannel,
      pressure,
      onPlanned: () => deliverer.wake(),
      now,
      log,
    }),
  );
  signals.onWork('route', router.wake);
  for (const kind of KINDS) {
    const wake = (): void => deliverer.wake(kind);
    signals.onWork(kind, wake);
    shared?.onTurn(kind, wake);
  }
  if (shared) {
    const onFound = (): void => {
      router.wake();
      deliverer.wake();
    };
    starting.use(recoverPeriodically({ store, onFound, now, log }));
  }
  const running = starting.move();
  return {
    wakeRouter: router.wake,
    wakeDeliverer: () => deliverer.wake(),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
};

/** Takes over, every two seconds, what processes that have died since left behind. */
const recoverPeriodically = ({
  store,
  onFound,
  now,
  log,
}: Pick<WorkingDeps, 'store' | 'now' | 'log'> & { readonly onFound: () => void }): Disposable => {
  let looking = false;
  const look = async (): Promise<void> => {
    const deliveries = await store.recoverLost(now());
    // The webhooks it had taken to route are not counted; the router finds those by polling.
    if (deliveries === 0) return;
    log.warn({ deliveries }, 'deliveries were under way in a process that is gone; they go on here');
    onFound();
  };
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    look()
      .catch((error: unknown) =>
        log.debug({ error: messageOf(error) }, 'could not look for work that dead processes left; trying again'),
      )
      .finally(() => {
        looking = false;
      });
  }, RECOVER_MS).unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
};

/** Wakes deliverers, here and in other processes, since something may be due. */
export const tellDue = (
  working: Pick<Working, 'wakeDeliverer'> | undefined,
  { shared }: Pick<Storage, 'shared'>,
): void => {
  working?.wakeDeliverer();
  for (const kind of KINDS satisfies readonly Work[]) shared?.tell(kind);
};
