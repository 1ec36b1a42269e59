import type { Receipt } from '../../core/delivery.ts';
import { DeliveryError } from '../../core/errors.ts';
import { slackFailure } from './errors.ts';
import type { Summary } from './summary.ts';
import type { Telling } from './telling.ts';

/** Folds the long queue of a channel into its summary: all that wait at once, at most about every second and a half. */
export type Folds = {
  /** How many deliveries of a destination wait to be folded. */
  joining(destination: string): number;
  /** Adds a delivery to its destination's next batch; resolves once the summary includes it. */
  join(telling: Telling): Promise<Receipt>;
  /** Resolves once all that wait are folded. */
  [Symbol.asyncDispose](): Promise<void>;
};

const BETWEEN_MS = 1_500;
/** Waits this long, so that deliveries that follow each other closely form one batch. */
const GATHER_MS = 400;

type Waiting = {
  readonly telling: Telling;
  readonly resolve: (receipt: Receipt) => void;
  readonly reject: (error: DeliveryError) => void;
};

type Fold = {
  readonly summary: Summary;
  readonly waiting: Waiting[];
  /** The size of the batch that is being posted. */
  telling: number;
  running: boolean;
  lastAt: number;
};

export const createFolds = (deps: {
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly createSummary: () => Summary;
  /** What remains to be done after the summary was posted; returns the tellings that have to be retried for it, and why. */
  readonly afterTold: (tellings: readonly Telling[]) => Promise<ReadonlyMap<Telling, DeliveryError>>;
}): Folds => {
  const { now, sleep, createSummary, afterTold } = deps;
  const folds = new Map<string, Fold>();
  const loops = new Set<Promise<void>>();

  const tellAll = async (fold: Fold): Promise<void> => {
    const batch = fold.waiting.splice(0).filter(({ telling }) => !telling.signal.aborted);
    const tellings = batch.map(({ telling }) => telling);
    const [first] = tellings;
    if (!first) return;
    fold.telling = batch.length;
    try {
      const id = await fold.summary.tell(
        first,
        tellings.map(({ at, delivery }) => ({
          id: delivery.id,
          webhookId: delivery.webhook.id,
          type: delivery.webhook.type,
          at,
        })),
      );
      const failures = await afterTold(tellings);
      const summary = `told together with others in ${first.named} (${id})`;
      for (const { telling, resolve, reject } of batch) {
        const failure = failures.get(telling);
        if (failure) reject(certain(failure));
        else resolve({ summary: summary + telling.doubt(), together: id });
      }
    } catch (error) {
      const failure = certain(slackFailure(error, first.named));
      for (const { reject } of batch) reject(failure);
    } finally {
      fold.telling = 0;
      fold.lastAt = now();
    }
  };

  const run = async (fold: Fold): Promise<void> => {
    while (fold.waiting.length > 0) {
      await sleep(Math.max(GATHER_MS, Math.min(BETWEEN_MS, fold.lastAt + BETWEEN_MS - now())));
      await tellAll(fold);
    }
    fold.running = false;
  };

  const foldOf = (destination: string): Fold => {
    const fold = folds.get(destination) ?? {
      summary: createSummary(),
      waiting: [],
      telling: 0,
      running: false,
      lastAt: 0,
    };
    folds.set(destination, fold);
    return fold;
  };

  return {
    joining(destination) {
      const fold = folds.get(destination);
      return fold ? fold.waiting.length + fold.telling : 0;
    },
    join(telling) {
      const fold = foldOf(telling.destination);
      const { promise, resolve, reject } = Promise.withResolvers<Receipt>();
      fold.waiting.push({ telling, resolve, reject });
      if (!fold.running) {
        fold.running = true;
        const loop = run(fold).finally(() => loops.delete(loop));
        loops.add(loop);
      }
      return promise;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(loops);
    },
  };
};

/** Not unclear for a delivery: the summary itself looks up whether its message was posted. */
const certain = (failure: DeliveryError): DeliveryError =>
  failure.unclear
    ? new DeliveryError(failure.code, failure.message, { verdict: failure.verdict, cause: failure.cause })
    : failure;
