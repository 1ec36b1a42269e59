import { type ChildProcess, fork } from 'node:child_process';
import { messageOf } from '../core/errors.ts';

export type RenderedMjml = {
  readonly html: string;
  /** The same for those who read no HTML. */
  readonly text: string;
  readonly complaints: readonly { readonly line: number; readonly message: string }[];
};

export type MjmlCall = { readonly call: number; readonly source: string };
export type MjmlAnswer =
  | { readonly call: number; readonly rendered: RenderedMjml }
  | { readonly call: number; readonly failed: string };

type Waiting = { resolve(rendered: RenderedMjml): void; reject(error: Error): void };

/** The process failed, and not the MJML it was given. */
export class RendererLost extends Error {}

/** Milliseconds that the process stays for the next template. */
const STAYS = 500;

let renderer: ChildProcess | undefined;
let leaving: NodeJS.Timeout | undefined;
let calls = 0;
const waiting = new Map<number, Waiting>();

/**
 * Turns MJML into HTML and text; rejects where it is no MJML at all, with a RendererLost where that could not be found out.
 * What does that takes 100 MB and half a second to load, and is needed only when templates change: so it has a process of
 * its own, which goes when there is nothing to do, and which knows none of the bot's secrets.
 */
export const renderMjml = (source: string): Promise<RenderedMjml> => {
  clearTimeout(leaving);
  renderer ??= start();
  holdOpen(renderer, true);
  calls += 1;
  const { promise, resolve, reject } = Promise.withResolvers<RenderedMjml>();
  waiting.set(calls, { resolve, reject });
  // Where it can't be told, it ended, and that is heard of by itself.
  renderer.send({ call: calls, source } satisfies MjmlCall, () => {});
  return promise;
};

const start = (): ChildProcess => {
  const one = fork(new URL('./mjml-process.ts', import.meta.url), {
    env: {},
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  one.on('message', (answer: MjmlAnswer) => settle(answer));
  one.on('error', (error) => lost(one, messageOf(error)));
  one.on('exit', (code, signal) => lost(one, `its process ended (${signal ?? code})`));
  return one;
};

/** Whether this process stays for its answers: an idle one keeps no other from ending. */
const holdOpen = (one: ChildProcess, hold: boolean): void => {
  if (hold) one.ref();
  else one.unref();
  if (hold) one.channel?.ref();
  else one.channel?.unref();
};

const settle = (answer: MjmlAnswer): void => {
  const asked = waiting.get(answer.call);
  waiting.delete(answer.call);
  if ('rendered' in answer) asked?.resolve(answer.rendered);
  else asked?.reject(new Error(answer.failed));
  if (waiting.size > 0 || !renderer) return;
  holdOpen(renderer, false);
  leaving = setTimeout(leave, STAYS).unref();
};

const leave = (): void => {
  const one = renderer;
  renderer = undefined;
  one?.disconnect();
};

const lost = (one: ChildProcess, why: string): void => {
  if (renderer !== one) return;
  renderer = undefined;
  const asked = [...waiting.values()];
  waiting.clear();
  for (const { reject } of asked) reject(new RendererLost(why));
};
