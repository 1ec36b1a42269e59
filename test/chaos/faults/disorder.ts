import { BOTH, type Fault } from './fault.ts';

/** As after an outage of ours: what WebKasa could not send comes again, twice and in any order. */
const disorder: Fault = {
  name: 'disorder',
  what: 'webhooks come in any order, half of them twice',
  stores: BOTH,
  lasts: 6_000,
  load: { duplicates: 0.5, shuffled: true },
  begin: async () => async () => {},
  felt: ({ stored }) =>
    [...stored.values()].flat().some(({ deliveries }) => deliveries.some(({ status }) => status === 'superseded')),
};

export const DISORDER_FAULTS: readonly Fault[] = [disorder];
