import { DeliveryError } from '../../core/errors.ts';

/** The store could not grant the lock. Nothing was written, so the row is unclear only if it was before. */
export const noTurn = (sheet: string, unclear: boolean, cause: unknown): DeliveryError =>
  new DeliveryError(
    'no_turn',
    `The store can't say whether another process writes to ${sheet} at this moment. The row waits until it answers.`,
    { verdict: 'retry', unclear, cause },
  );
