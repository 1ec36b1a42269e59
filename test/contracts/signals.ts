import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Signals, Work } from '../../src/store/process-ports.ts';

/** Processes that share their work, or a single one if the adapter does not allow more. */
export type SignalsHarness = {
  /** The signals of each process. */
  readonly processes: readonly Signals[];
  /** Creates work in a transaction, which is committed or rolled back; undefined if there is only one process. */
  readonly make?: (work: Work, options: { readonly at?: number; readonly rollBack?: boolean }) => Promise<void>;
  /** Announces work outside of any transaction. */
  readonly soon?: (work: Work) => void;
  /** Upper limit of how often a task that runs every minute can have run so far. */
  readonly times: () => number;
  close(): Promise<void>;
};

/** The contract of Signals in src/store/process-ports.ts. */
export const describeSignalsContract = (
  name: string,
  { open, shared }: { readonly open: () => Promise<SignalsHarness>; readonly shared: boolean },
): void => {
  const fresh = async (): Promise<SignalsHarness> => {
    const harness = await open();
    onTestFinished(() => harness.close());
    return harness;
  };

  const listening = async (work: Work) => {
    const { processes, make, soon } = await fresh();
    const heard: number[] = [];
    for (const signals of processes) signals.onWork(work, () => heard.push(Date.now()));
    if (!make || !soon) throw new Error('the harness shares nothing');
    return { make, soon, heard };
  };

  describe.runIf(shared)(`${name}: work of other processes`, () => {
    test.each<Work>(['route', 'email', 'slack', 'sheet'])('%s that is committed is signalled soon', async (work) => {
      const { make, heard } = await listening(work);
      // The first may have to wait until somebody has his turn.
      await make(work, {});
      await expect.poll(() => heard.length).toBeGreaterThan(0);
      heard.length = 0;
      const begun = Date.now();
      await make(work, {});
      await expect.poll(() => heard.length, { interval: 10 }).toBeGreaterThan(0);
      expect((heard[0] ?? 0) - begun).toBeLessThan(5_000);
    });

    test('that was rolled back is not signalled', async () => {
      const { make, heard } = await listening('email');
      await make('email', { rollBack: true });
      // Longer than anything committed takes to be heard.
      await pause(1_000);
      expect(heard).toEqual([]);
      await make('email', {});
      await expect.poll(() => heard.length).toBe(1);
    });

    test('that falls due later is signalled then, and not before', async () => {
      const { make, heard } = await listening('email');
      const at = Date.now() + 1_500;
      await make('email', { at });
      await expect.poll(() => heard.length).toBeGreaterThan(0);
      expect(heard[0]).toBeGreaterThanOrEqual(at - 50);
      expect(heard[0]).toBeLessThan(at + 5_000);
    });

    test('created many times in a moment wakes few times', async () => {
      const { make, heard } = await listening('email');
      await Promise.all(Array.from({ length: 100 }, () => make('email', {})));
      await expect.poll(() => heard.length).toBeGreaterThan(0);
      await pause(800);
      expect(heard.length).toBeLessThan(30);
    });

    test('announced outside of a transaction is signalled soon', async () => {
      const { soon, heard } = await listening('route');
      soon('route');
      await expect.poll(() => heard.length).toBeGreaterThan(0);
    });
  });

  describe(`${name}: periodic tasks`, () => {
    test('run each time in one of the processes, also after one has failed', async () => {
      const { processes, times } = await fresh();
      let runs = 0;
      for (const signals of processes) {
        signals.every(1, 'failing', async () => {
          throw new Error('no');
        });
        signals.every(1, 'count', async () => {
          runs += 1;
        });
      }
      await expect.poll(() => runs).toBeGreaterThan(0);
      await pause(1_500);
      expect(runs).toBeLessThanOrEqual(times());
    });

    test('run every so many minutes, a divisor of an hour', async () => {
      const { processes } = await fresh();
      for (const minutes of [0, 7, 90, 1.5]) {
        expect(() => processes[0]?.every(minutes, 'odd', async () => {})).toThrow(RangeError);
      }
    });
  });
};
