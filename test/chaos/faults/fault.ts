import type { PostgresServer } from '../../support/postgres-server.ts';
import type { Evidence } from '../audit/evidence.ts';
import type { Load, LoadOptions } from '../load.ts';
import type { Sinks } from '../sinks.ts';
import type { System } from '../system.ts';

export type StoreKind = 'sqlite' | 'postgres';

/** A run that is under way, for a fault to break. */
export type World = {
  readonly dataDir: string;
  readonly sinks: Sinks;
  readonly system: System;
  readonly load: Load;
  /** undefined where the store is SQLite. */
  readonly postgres: PostgresServer | undefined;
  readonly random: () => number;
  /** Where a fault notes that it cut connections to the mail server (Unix milliseconds). */
  readonly cuts: number[];
};

export type Fault = {
  /** For `--fault`. */
  readonly name: string;
  /** What is broken, for the table. */
  readonly what: string;
  readonly stores: readonly StoreKind[];
  /** Milliseconds from its beginning to its end. */
  readonly lasts: number;
  /** Why it can't be run here, if it can't. */
  unavailable?(): string | undefined;
  /** Makes ready what must be so before the system starts; undone at the end of the run. */
  prepare?(dataDir: string): Promise<Prepared>;
  /** Breaks something, and returns what mends it. */
  begin(world: World): Promise<() => Promise<void>>;
  /** Whether the system felt it: a fault that changed nothing has shown nothing. */
  felt(traces: Traces): boolean;
  /** How the load differs from the usual one. */
  readonly load?: Partial<LoadOptions>;
  /** What the audit has to know. */
  readonly expects?: Partial<Pick<Evidence, 'rules' | 'wrongClock'>>;
};

export type Prepared = {
  readonly env?: Readonly<Record<string, string>>;
  readonly preload?: readonly string[];
  undo(): Promise<void>;
};

/** Where a fault shows. */
export type Traces = Pick<Evidence, 'stored' | 'lines' | 'unanswered'> & {
  readonly answers: Load['answers'];
  /** How often processes were started beyond the first time. */
  readonly restarts: number;
};

export const BOTH: readonly StoreKind[] = ['sqlite', 'postgres'];

/** The code of every attempt that failed, of one kind of action. */
export const failuresOf = ({ stored }: Pick<Traces, 'stored'>, kind: string): string[] =>
  [...stored.values()]
    .flat()
    .flatMap(({ deliveries }) =>
      deliveries
        .filter((delivery) => delivery.kind === kind)
        .flatMap(({ attempts }) => attempts.filter(({ outcome }) => outcome !== 'done').map(({ code }) => code ?? '')),
    );
