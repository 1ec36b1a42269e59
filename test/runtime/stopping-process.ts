/*
 * Run by shutdown.test.ts as a process of its own: says `ready`, then does what its first argument says when it is told
 * to stop. The further ones are the deadline and the time in which two signals are one, in milliseconds, and a
 * pipe that nobody writes to.
 */
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { createLog } from '../../src/runtime/log.ts';
import { stopOnSignals } from '../../src/runtime/shutdown.ts';

const [, , behaviour, deadline, echo, pipe] = process.argv;

// Keeps the process alive, as a server would.
setInterval(() => {}, 60_000);

const stops: Readonly<Record<string, () => Promise<void>>> = {
  finishes: async () => {
    await pause(50);
    console.log('all is closed');
  },
  hangs: () => new Promise(() => {}),
  'hangs in a thread': () => new Promise(() => {}),
  fails: () => Promise.reject(new Error('the disk is gone')),
};

/** A thread in a call to the system that never returns, as on a disk that gives no answer: nobody writes to the pipe. */
const hangThread = async (path: string): Promise<void> => {
  const program = `require('node:worker_threads').parentPort.postMessage('begun'); require('node:fs').openSync(${JSON.stringify(path)})`;
  await once(new Worker(program, { eval: true }), 'message');
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
if (behaviour === 'hangs in a thread') await hangThread(pipe ?? '');
console.log('ready');
