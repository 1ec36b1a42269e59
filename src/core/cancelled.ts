import type { Resource } from './resource.ts';

/** Whether it does not take place (any more), by its status or, where that says nothing, by its newest webhook. */
export const isCancelled = ({ status, lastType }: Pick<Resource, 'status' | 'lastType'>): boolean =>
  /^(cancell?ed|declined|rejected)$/i.test(status ?? '') || lastType.endsWith('.cancelled');
