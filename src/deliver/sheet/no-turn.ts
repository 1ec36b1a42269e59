import { DeliveryError } from '../../core/errors.ts';

/** Where the store could not say whose turn it is: nothing was begun, so only what was unclear before is so now. */
export const noTurn = (sheet: string, unclear: boolean, cause: unknown): DeliveryError =>
  new DeliveryError(
    'no_turn',
    `The store can't say whether another process writes to ${sheet} at this moment. The row waits until it answers.`,
    { verdict: 'retry', unclear, cause },
  );
