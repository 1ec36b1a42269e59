import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { sign } from '../../src/receive/signature.ts';

const ROOT = resolve(import.meta.dirname, '../..');
/** The Node the project pins, whichever runs the tests. */
export const NODE = join(ROOT, 'node_modules/.bin/node');
/** What `npm start` gives to Node: its options and the program. */
const MAIN = readStart();

function readStart(): string[] {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const [, ...args] = (scripts.start as string).split(' ');
  return args.map((arg) => (arg.startsWith('-') ? arg : join(ROOT, arg)));
}

export type BotProcess = {
  /** Where it takes webhooks; of a worker, where its health is. */
  readonly webhookUrl: string;
  readonly child: ChildProcess;
  /** All it has printed so far. */
  output(): string;
  /** Sends the signal and resolves with the exit code, null where the signal itself ended it. */
  end(signal: NodeJS.Signals): Promise<number | null>;
};

/** The environment of a bot that a test starts: nothing from outside but what the test says. */
export const botEnv = (dataDir: string, extra: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  PATH: process.env.PATH ?? '',
  HOME: dataDir,
  TZ: 'UTC',
  DATA_DIR: dataDir,
  PORT: '0',
  WEBKASA_WEBHOOK_SECRET: 'test-secret',
  ...extra,
});

export type BotOptions = {
  /** Puts a shell in front, for limits of the process. */
  readonly wrap?: string;
  readonly role?: 'receiver' | 'worker' | 'all';
};

/** Starts the real program and resolves once it listens. */
export const startBot = async (
  env: Readonly<Record<string, string>>,
  options: BotOptions = {},
): Promise<BotProcess> => {
  const { child, output, listening } = spawnBot(env, options);
  return {
    webhookUrl: await listening,
    child,
    output,
    end: async (signal) => {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      child.kill(signal);
      const [code] = await once(child, 'exit');
      return code as number | null;
    },
  };
};

/** Starts the real program without waiting for it. */
export const spawnBot = (env: Readonly<Record<string, string>>, { wrap, role }: BotOptions = {}) => {
  const roles = role === undefined ? [] : ['--role', role];
  const [command, args] = wrap
    ? (['bash', ['-c', `${wrap}; exec ${NODE} ${[...MAIN, ...roles].join(' ')}`]] as const)
    : ([NODE, [...MAIN, ...roles]] as const);
  // Not in the project's folder: a .env there is the developer's own.
  const child = spawn(command, args, { cwd: tmpdir(), env: { ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  const listening = new Promise<string>((resolveUrl, reject) => {
    const onText = (chunk: Buffer): void => {
      printed += chunk.toString();
      const url = /(?:webhooks are received at|its health is at) (https?:\S+?)(?=["\s]|$)/.exec(printed)?.[1];
      if (url) resolveUrl(url);
    };
    child.stdout.on('data', onText);
    child.stderr.on('data', onText);
    child.once('exit', (code, signal) =>
      reject(new Error(`the bot ended (${code ?? signal}) before it listened:\n${printed}`)),
    );
  });
  listening.catch(() => {});
  return { child, output: () => printed, listening };
};

/** Posts a webhook as WebKasa does; the answer's status, 0 where there was none. */
export const post = async (
  url: string,
  webhook: unknown,
  secret = 'test-secret',
): Promise<{ status: number; text: string }> => {
  const body = typeof webhook === 'string' ? webhook : JSON.stringify(webhook);
  try {
    const response = await fetch(url, {
      method: 'POST',
      body,
      headers: { 'Content-Type': 'application/json', 'X-WebKasa-Signature': sign(Buffer.from(body), secret) },
      signal: AbortSignal.timeout(10_000),
    });
    return { status: response.status, text: await response.text() };
  } catch {
    return { status: 0, text: '' };
  }
};
