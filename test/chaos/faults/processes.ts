import { setTimeout as pause } from 'node:timers/promises';
import { oneOf } from '../seed.ts';
import type { Member } from '../system.ts';
import { BOTH, type Fault, type World } from './fault.ts';

const lasts = 6_000;
const EVERY = 1_500;

/** Does something to processes again and again until it is ended. */
const again = (act: (world: World) => Promise<unknown>) => async (world: World) => {
  let over = false;
  const acting = (async () => {
    while (!over) {
      await act(world);
      await pause(EVERY * (0.5 + world.random()));
    }
  })();
  return async () => {
    over = true;
    await acting;
  };
};

const takes = (member: Member): boolean => member.role !== 'worker';
const works = (member: Member): boolean => member.role !== 'receiver';

const killing = (name: string, what: string, choose: (world: World) => readonly Member[]): Fault => ({
  name,
  what,
  stores: BOTH,
  lasts,
  begin: again((world) => Promise.all(choose(world).map((member) => member.signal('SIGKILL')))),
  felt: ({ restarts }) => restarts > 0,
});

const one =
  (test: (member: Member) => boolean) =>
  ({ system, random }: World) => [oneOf(system.members.filter(test), random)];

/** As a deployment does it. */
const restarted: Fault = {
  name: 'restarted',
  what: 'processes are ended with SIGTERM and started again, one after the other',
  stores: BOTH,
  lasts,
  begin: again(({ system, random }) => oneOf(system.members, random).restart()),
  felt: ({ restarts }) => restarts > 0,
};

/** A machine that swaps, or is moved to another host. */
const halted: Fault = {
  name: 'halted',
  what: 'a process stands still (SIGSTOP), and goes on later',
  stores: BOTH,
  lasts: 8_000,
  async begin({ system, random }) {
    const member = oneOf(system.members.filter(takes), random);
    const worker = system.members.findLast((each) => works(each) && each !== member);
    const all = [member, ...(worker ? [worker] : [])];
    await Promise.all(all.map((each) => each.signal('SIGSTOP')));
    return async () => void (await Promise.all(all.map((each) => each.signal('SIGCONT'))));
  },
  felt: ({ answers }) => (answers.get(0) ?? 0) > 0,
};

export const PROCESS_FAULTS: readonly Fault[] = [
  killing('kill-receiver', 'a receiver is killed again and again', one(takes)),
  killing('kill-worker', 'a worker is killed again and again', one(works)),
  killing('kill-all', 'all processes are killed at once, again and again', ({ system }) => system.members),
  restarted,
  halted,
];
