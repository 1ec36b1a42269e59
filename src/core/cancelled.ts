import type { Resource } from './resource.ts';

/** Whether a status, as the data has it, says that it does not take place (any more). */
export const saysCancelled = (status: unknown): boolean =>
  typeof status === 'string' && /^(cancell?ed|declined|rejected)$/i.test(status);

/** Whether it does not take place (any more), by its status or, where that says nothing, by its newest webhook. */
export const isCancelled = ({ status, lastType }: Pick<Resource, 'status' | 'lastType'>): boolean =>
  saysCancelled(status) || lastType.endsWith('.cancelled');
