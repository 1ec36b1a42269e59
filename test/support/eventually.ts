import { vi } from 'vitest';

/** Longer than anything takes on a busy machine; what never comes true fails all the same. */
const PATIENCE = 20_000;

/** Waits until a check passes; its last failure where it never does. */
export const eventually = <T>(check: () => T | Promise<T>): Promise<T> => vi.waitFor(check, { timeout: PATIENCE });
