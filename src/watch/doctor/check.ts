import { messageOf, OperatorError } from '../../core/errors.ts';

/** What one check found. `remedy` says what to do; warnings and problems have one. */
export type Finding = {
  readonly check: string;
  /** `unchecked`: there was nothing to check it by. */
  readonly state: 'ok' | 'unchecked' | 'warning' | 'problem';
  readonly says: string;
  readonly remedy?: string;
};

export type Check = {
  readonly name: string;
  /** Throws where it could not be found out; an OperatorError with what to do. Lets go once `signal` is aborted. */
  run(tools: CheckTools): Promise<readonly Found[]>;
};

export type CheckTools = {
  /** Aborted when the check has taken too long. */
  readonly signal: AbortSignal;
  /** Notes what time another machine says it is: the text of an HTTP Date header, or Unix milliseconds. */
  clock(whose: string, at: string | number | null): void;
};

/** A finding of the check that makes it. */
export type Found = Omit<Finding, 'check'>;

export const ok = (says: string): Found => ({ state: 'ok', says });
export const unchecked = (says: string): Found => ({ state: 'unchecked', says });
export const warning = (says: string, remedy: string): Found => ({ state: 'warning', says, remedy });
export const problem = (says: string, remedy: string): Found => ({ state: 'problem', says, remedy });

/** Milliseconds that one check may take. */
const WITHIN = 5_000;

/** Makes all checks beside each other, each within five seconds, and returns what they found in their order. Never rejects. */
export const examine = async (
  checks: readonly Check[],
  tools: Pick<CheckTools, 'clock'>,
  within = WITHIN,
): Promise<readonly Finding[]> => {
  const found = await Promise.all(checks.map((check) => runOne(check, tools, within)));
  return found.flat();
};

const runOne = async (check: Check, { clock }: Pick<CheckTools, 'clock'>, within: number): Promise<Finding[]> => {
  const late = Promise.withResolvers<readonly Found[]>();
  const stop = new AbortController();
  const timer = setTimeout(() => {
    stop.abort();
    late.resolve([
      problem(
        `There was no answer within ${within / 1000} seconds.`,
        'Check the address, the network and any firewall on the way.',
      ),
    ]);
  }, within);
  const work = check.run({ signal: stop.signal, clock }).catch((error: unknown) => [failureOf(error)]);
  const found = await Promise.race([work, late.promise]);
  clearTimeout(timer);
  return found.map((each) => ({ check: check.name, ...each }));
};

const failureOf = (error: unknown): Found =>
  problem(
    messageOf(error),
    (error instanceof OperatorError ? error.remedy : undefined) ??
      'Check the address, the network and any proxy on the way.',
  );
