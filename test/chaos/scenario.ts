import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startPostgres } from '../support/postgres-server.ts';
import { type Audit, audit } from './audit/audit.ts';
import type { Finding } from './audit/case.ts';
import { arrivedAt, type Evidence, storedOf } from './audit/evidence.ts';
import type { Fault, StoreKind, World } from './faults/fault.ts';
import { SECRET, startLoad } from './load.ts';
import { RULE_IDS, RULES } from './rules.ts';
import { oneOf, seeded } from './seed.ts';
import { startSinks } from './sinks.ts';
import { atRest, type Look, openLook, throughAll } from './store.ts';
import type { Mix } from './stories.ts';
import { type Member, type Role, startSystem } from './system.ts';

export type Scenario = {
  readonly seed: number;
  readonly store: StoreKind;
  /** Processes that take webhooks, and those that deliver; with SQLite one process does both. */
  readonly receivers?: number;
  readonly workers?: number;
  readonly fault?: Fault;
  /** Kills one process after the other, about so many milliseconds apart. */
  readonly killEvery?: number;
  /** Ends after so many kills; goes on until all is delivered where absent. */
  readonly kills?: number;
  readonly webhooks?: number;
  /** New webhooks a second; as many as are taken where absent. */
  readonly rate?: number;
  readonly mix?: Mix;
  /** What the processes run, where it is not the bot as it is. */
  readonly program?: string;
  /** Milliseconds without progress after which it is not waited any longer. */
  readonly patience?: number;
  readonly say?: (line: string) => void;
};

export type Outcome = Audit & {
  readonly seed: number;
  readonly kills: number;
  readonly restarts: number;
  readonly duplicates: number;
  readonly sent: number;
  readonly refused: number;
  /** Milliseconds from the fault's end until all that had been accepted by then was delivered; undefined where there was no fault. */
  readonly normalAfter: number | undefined;
  /** Seconds until everything was accepted, and until everything was delivered. */
  readonly acceptedWithin: number;
  readonly restAfter: number;
};

const SMALL: Mix = { posts: 30, postChannels: 40, cards: 3, cardChannels: 5 };
const WARM_UP = 2_000;
/** While webhooks pour in, decisions wait for their turn at the database. */
const COMMIT = 2_000;
/** An attempt that failed is tried again after about ten seconds, then twenty-five, then a minute. */
const PATIENCE = 120_000;

/** Runs the system under load, breaks it as asked, lets it come to rest, and audits all of it. */
export const runScenario = async (scenario: Scenario): Promise<Outcome> => {
  const { seed, store, fault, mix = SMALL, patience = PATIENCE, say = () => {} } = scenario;
  await using cleaning = new AsyncDisposableStack();
  const random = seeded(seed);
  const folder = await mkdtemp(join(tmpdir(), 'webkasa-bot-chaos-'));
  cleaning.defer(() => rm(folder, { recursive: true, force: true }));
  const dataDir = join(folder, 'data');
  await mkdir(dataDir);
  const prepared = await fault?.prepare?.(dataDir);
  if (prepared) cleaning.defer(prepared.undo);
  await writeFile(join(dataDir, 'rules.yaml'), RULES);
  const sinks = cleaning.use(await startSinks(mix));
  const postgres = store === 'postgres' ? await startPostgres() : undefined;
  if (postgres) cleaning.defer(() => postgres.stop());

  const system = cleaning.use(
    await startSystem({
      roles: rolesOf(scenario),
      ...prepared,
      ...(scenario.program !== undefined && { program: scenario.program }),
      env: {
        PATH: process.env.PATH ?? '',
        HOME: folder,
        TZ: 'UTC',
        NODE_ENV: 'production',
        DATA_DIR: dataDir,
        WEBKASA_WEBHOOK_SECRET: SECRET,
        SMTP_URL: sinks.smtpUrl,
        MAIL_FROM: 'bookings@example.com',
        SLACK_BOT_TOKEN: sinks.slack.token,
        SLACK_API_URL: sinks.slack.url,
        SLACK_ALERT_CHANNEL: '#alerts',
        ...(postgres && { DATABASE_URL: postgres.url() }),
        ...prepared?.env,
      },
    }),
  );
  const begunAt = performance.now();
  const load = startLoad({
    receivers: system.receivers,
    random: seeded(seed + 1),
    mix,
    ...(scenario.rate !== undefined && { rate: scenario.rate }),
    ...(scenario.webhooks !== undefined && { webhooks: scenario.webhooks }),
    ...fault?.load,
  });
  const world: World = { dataDir, sinks, system, load, postgres, random, cuts: [] };
  const { look } = cleaning.use(openLook(dataDir, postgres?.url()));

  const normalAfter = fault ? await breakAndMend(world, fault, look, patience) : undefined;
  const enough = new AbortController();
  const killing = killAgain(world, scenario, enough.signal);
  if (scenario.kills !== undefined) await killing;
  if (scenario.webhooks === undefined) await load.stop();
  await load.ended;
  const acceptedWithin = (performance.now() - begunAt) / 1000;
  say(`${load.accepted.size} accepted; now it comes to rest`);
  if (scenario.kills === undefined) await atRest(look, patience);
  enough.abort();
  const kills = await killing;
  const unrest = await atRest(look, patience);
  const restAfter = (performance.now() - begunAt) / 1000;
  say('at rest; now all of it is looked through');
  const stored = await look((opened) => storedOf(opened, load.accepted));
  const codes = await system.stop();

  const evidence: Evidence = {
    accepted: new Map([...load.accepted].map(([id, { told }]) => [id, told])),
    stored,
    ...(await arrivedAt(sinks, dataDir)),
    lines: system.lines,
    endings: system.endings,
    cuts: world.cuts,
    rules: [RULE_IDS],
    commit: postgres ? COMMIT : 0,
    wrongClock: false,
    ...fault?.expects,
  };
  const restarts = system.members.reduce((sum, member) => sum + member.starts() - 1, 0);
  const audited = audit(evidence);
  const more: Finding[] = [
    ...(unrest === undefined ? [] : [{ promise: 'it comes to rest', what: unrest }]),
    ...(normalAfter === Number.POSITIVE_INFINITY ? [{ promise: 'it comes to rest', what: 'not normal in time' }] : []),
    ...codes.flatMap((code) =>
      code === 0 ? [] : [{ promise: 'SIGTERM ends it in order', what: `exit code ${code}` }],
    ),
    ...(fault && !fault.felt({ ...evidence, answers: load.answers, restarts })
      ? [{ promise: 'the fault is felt', what: `${fault.name} changed nothing, and so has shown nothing` }]
      : []),
  ];
  const answers = [...load.answers].reduce((sum, [, count]) => sum + count, 0);
  return {
    ...audited,
    findings: [...more, ...audited.findings],
    seed,
    kills,
    restarts,
    duplicates: load.duplicates(),
    sent: answers,
    refused: answers - (load.answers.get(200) ?? 0),
    normalAfter,
    acceptedWithin,
    restAfter,
  };
};

const rolesOf = ({ store, receivers = 2, workers = 2 }: Scenario): Role[] =>
  store === 'sqlite'
    ? ['all']
    : [
        ...Array.from({ length: receivers }, () => 'receiver' as const),
        ...Array.from({ length: workers }, () => 'worker' as const),
      ];

/** Milliseconds until normal: until all that had been accepted when the fault ended was delivered. */
const breakAndMend = async (world: World, fault: Fault, look: Look, patience: number): Promise<number> => {
  await pause(WARM_UP);
  const mend = await fault.begin(world);
  await pause(fault.lasts);
  await mend();
  const mendedAt = performance.now();
  const before = [...world.load.accepted.keys()];
  const through = await throughAll(look, before, mendedAt + patience);
  return through ? performance.now() - mendedAt : Number.POSITIVE_INFINITY;
};

/** One in five dies while it starts. */
const EARLY = 0.2;

/** On a busy machine a start takes its time; whoever never gets up is killed all the same. */
const LONGEST_START = 20_000;

const killAgain = async (
  { system, load, random }: World,
  { kills = Number.POSITIVE_INFINITY, killEvery, say = () => {} }: Scenario,
  enough: AbortSignal,
): Promise<number> => {
  if (killEvery === undefined) return 0;
  let count = 0;
  let last: Member | undefined;
  while (count < kills && !enough.aborted) {
    const early = last !== undefined && random() < EARLY;
    // Of several another one, which works already, so that nobody waits until the last one has started.
    const others = system.members.filter((member) => member !== last);
    const victim = early && last ? last : oneOf(others.length > 0 ? others : system.members, random);
    if (!early) await Promise.race([victim.up(), pause(LONGEST_START)]).catch(() => {});
    await pause(killEvery * (0.5 + random()));
    await victim.signal('SIGKILL');
    last = victim;
    count += 1;
    if (count % 10 === 0) say(`${count} kills, ${load.accepted.size} accepted`);
  }
  return count;
};
