/*
 * Run by shutdown.test.ts as a process of its own: says `ready`, then does what its first argument says when it is told
 * to stop. The further ones are the deadline and the time in which two signals are one, in milliseconds.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { createLog } from '../../src/runtime/log.ts';
import { stopOnSignals } from '../../src/runtime/shutdown.ts';

const [, , behaviour, deadline, echo] = process.argv;

// Keeps the process alive, as a server would.
setInterval(() => {}, 60_000);

const stops: Readonly<Record<string, () => Promise<void>>> = {
  finishes: async () => {
    await pause(50);
    console.log('all is closed');
  },
  hangs: () => new Promise(() => {}),
  fails: () => Promise.reject(new Error('the disk is gone')),
};

stopOnSignals(stops[behaviour ?? ''] ?? (async () => {}), createLog({ level: 'info', production: true }), {
  deadline: Number(deadline),
  echo: Number(echo),
});

if (behaviour === 'throws') {
  setImmediate(() => {
    throw new Error('nobody caught this');
  });
}
if (behaviour === 'rejects') void Promise.reject(new Error('nobody caught this'));
console.log('ready');
