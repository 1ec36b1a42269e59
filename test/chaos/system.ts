import { type ChildProcess, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { lastingPort } from '../support/port.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const NODE = join(ROOT, 'node_modules/.bin/node');
const MAIN = join(ROOT, 'src/main.ts');

export type Role = 'all' | 'receiver' | 'worker';

/** A process of the bot that a supervisor keeps alive: whenever it ends, it is started again. */
export type Member = {
  /** As `worker 2`. */
  readonly name: string;
  readonly role: Role;
  /** Where it takes webhooks; undefined for workers. */
  readonly url: string | undefined;
  /** How often it was started. */
  starts(): number;
  /** Resolves once the process that runs now does its work. */
  up(): Promise<void>;
  /** Sends a signal to the process that runs now; after SIGKILL, resolves when it is gone. */
  signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<void>;
  /** Ends it in order with SIGTERM and lets it be started again; the exit code. */
  restart(): Promise<number | null>;
};

export type LogLine = { readonly process: string; readonly line: string };

export type System = {
  readonly members: readonly Member[];
  readonly receivers: readonly string[];
  /** Lines that are no plain information: warnings and worse, and whatever is not of the log. */
  readonly lines: readonly LogLine[];
  /** Processes that ended though nobody made them. */
  readonly endings: readonly string[];
  /** Ends all with SIGTERM, and returns the exit codes. */
  stop(): Promise<(number | null)[]>;
  /** Ends whatever is left, at once. */
  [Symbol.asyncDispose](): Promise<void>;
};

export type SystemOptions = {
  readonly roles: readonly Role[];
  readonly env: Readonly<Record<string, string>>;
  /** Modules that each process loads before its own. */
  readonly preload?: readonly string[];
  /** What each runs, where it is not the bot as it is. */
  readonly program?: string;
};

/** As systemd waits before it starts a service again. */
const RESTART_AFTER = 100;

export const startSystem = async (options: SystemOptions): Promise<System> => {
  const lines: LogLine[] = [];
  const endings: string[] = [];
  const keepers: Keeper[] = [];
  for (const [index, role] of options.roles.entries()) {
    const port = role === 'worker' ? 0 : await lastingPort();
    const name = `${role} ${options.roles.slice(0, index + 1).filter((each) => each === role).length}`;
    keepers.push(keep({ ...options, role, name, port, lines, endings }));
  }
  const end = (signal: NodeJS.Signals): Promise<(number | null)[]> =>
    Promise.all(keepers.map((one) => one.end(signal)));
  await Promise.all(keepers.map(({ member }) => member.up())).catch(async (error: unknown) => {
    await end('SIGKILL');
    throw error;
  });
  return {
    members: keepers.map(({ member }) => member),
    receivers: keepers.flatMap(({ member }) => member.url ?? []),
    lines,
    endings,
    stop: () => end('SIGTERM'),
    [Symbol.asyncDispose]: async () => void (await end('SIGKILL')),
  };
};

type Keeper = { readonly member: Member; end(signal: NodeJS.Signals): Promise<number | null> };

type KeeperOptions = Omit<SystemOptions, 'roles'> & {
  readonly role: Role;
  readonly name: string;
  readonly port: number;
  readonly lines: LogLine[];
  readonly endings: string[];
};

/** Keeps one process alive. */
const keep = ({ role, name, port, env, preload = [], program = MAIN, lines, endings }: KeeperOptions): Keeper => {
  let starts = 0;
  let ending = false;
  /** Set while somebody ends it on purpose. */
  let meant = false;
  let now: Running;
  /** Of the process that runs now, or is about to be started. */
  let up = Promise.withResolvers<void>();

  const begin = (): void => {
    if (ending) return;
    starts += 1;
    const args = [
      ...preload.flatMap((file) => ['--import', file]),
      program,
      ...(role === 'all' ? [] : ['--role', role]),
    ];
    now = run(args, { ...env, PORT: String(port) }, (line) => lines.push({ process: name, line }));
    now.up.then(up.resolve, (error: unknown) => {
      // One that ends before it is up is started again, but for the first: then it can't be started at all.
      if (starts === 1 && !meant) up.reject(error);
    });
    void now.gone.then((how) => {
      if (ending) return;
      up = Promise.withResolvers();
      if (!meant) endings.push(`${name} ended by itself (${how})`);
      meant = false;
      setTimeout(begin, RESTART_AFTER);
    });
  };
  begin();

  const endNow = async (signal: NodeJS.Signals): Promise<number | null> => {
    const { child, gone } = now;
    child.kill(signal);
    await gone;
    return child.exitCode;
  };

  return {
    member: {
      name,
      role,
      url: role === 'worker' ? undefined : `http://127.0.0.1:${port}/webhooks/webkasa`,
      starts: () => starts,
      up: () => up.promise,
      async signal(signal) {
        if (signal !== 'SIGKILL') return void now.child.kill(signal);
        if (now.child.exitCode !== null || now.child.signalCode !== null) return;
        meant = true;
        await endNow('SIGKILL');
      },
      async restart() {
        meant = true;
        return endNow('SIGTERM');
      },
    },
    async end(signal) {
      ending = true;
      // One that is halted hears nothing but this.
      now.child.kill('SIGCONT');
      return endNow(signal);
    },
  };
};

type Running = {
  readonly child: ChildProcess;
  readonly up: Promise<void>;
  readonly gone: Promise<string>;
};

/** Said once a process does its work. */
const UP = /webhooks are received at|started as worker/;
const INFORMATION = /^\{"level":(?:10|20|30),/;

const run = (
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  onLine: (line: string) => void,
): Running => {
  // Not in the project's folder: a .env there is the developer's own.
  const child = spawn(NODE, [...args], { cwd: tmpdir(), env: { ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const endWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', endWithUs);
  child.once('exit', () => process.off('exit', endWithUs));
  const { promise: up, resolve: isUp, reject } = Promise.withResolvers<void>();
  up.catch(() => {});
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream.on('data', (chunk: Buffer) => {
      const pieces = (rest + chunk.toString()).split('\n');
      rest = pieces.pop() ?? '';
      for (const line of pieces) {
        if (UP.test(line)) isUp();
        if (said.length < 100) said.push(line);
        if (line !== '' && !INFORMATION.test(line)) onLine(line);
      }
    });
  }
  const gone = new Promise<string>((resolveGone) => {
    child.once('exit', (code, signal) => {
      reject(new Error(`the bot ended (${code ?? signal}) before it was up:\n${said.join('\n')}`));
      resolveGone(String(code ?? signal));
    });
  });
  return { child, up, gone };
};
