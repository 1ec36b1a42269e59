import { parseArgs } from 'node:util';
import { MISTAKES } from './broken.ts';
import { FAULTS, faultNamed } from './faults/all.ts';
import type { StoreKind } from './faults/fault.ts';
import { runBroken } from './prove.ts';
import { type Outcome, runScenario, type Scenario } from './scenario.ts';
import type { Mix } from './stories.ts';
import { asTable, inWords } from './table.ts';

const HELP = `npm run chaos -- [--store sqlite|postgres] [--seed N] …
  --fault NAME|all      break that under load, and say how long it takes until all is normal
  --kills N             without --fault: end processes with SIGKILL so often (100)
  --webhooks N          or until about so many webhooks are accepted
  --kill-every 2s       so far apart, on average (1s)
  --receivers N --workers N   with postgres (2 and 2)
  --prove NAME|all      make mistakes in copies of the source, and see that each fault brings its own to light
  --rate N              new webhooks a second (20 with --fault, 15 with --kills; as many as are taken with --webhooks)
Faults: ${FAULTS.map(({ name }) => name).join(', ')}`;

const { values } = parseArgs({
  options: {
    store: { type: 'string', default: 'sqlite' },
    seed: { type: 'string' },
    fault: { type: 'string' },
    kills: { type: 'string' },
    webhooks: { type: 'string' },
    'kill-every': { type: 'string', default: '1s' },
    receivers: { type: 'string', default: '2' },
    workers: { type: 'string', default: '2' },
    rate: { type: 'string' },
    prove: { type: 'string' },
    help: { type: 'boolean' },
  },
});

// The processes under test end with this one.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/** For many webhooks: few enough go to each Slack channel that it takes them one by one. */
const LARGE: Mix = { posts: 15, postChannels: 300, cards: 0.5, cardChannels: 10 };

/** New webhooks a second while processes are killed: no more than Slack takes, at its pace, of what they bring about. */
const KILLS_RATE = 15;

const store: StoreKind = values.store === 'postgres' ? 'postgres' : 'sqlite';
const seed = Number(values.seed ?? Date.now() % 100_000);
const say = (line: string): void => console.log(line);
const common = { seed, store, receivers: Number(values.receivers), workers: Number(values.workers), say };

const milliseconds = (text: string): number =>
  text.endsWith('ms') ? Number.parseFloat(text) : Number.parseFloat(text) * 1000;

/** Breaks one thing after the other, each in a run of its own. */
const breakAll = async (name: string): Promise<Outcome[]> => {
  const wanted = name === 'all' ? FAULTS : [faultNamed(name)];
  const runs: { name: string; outcome: Outcome }[] = [];
  for (const fault of wanted.filter(({ stores }) => stores.includes(store))) {
    const why = fault.unavailable?.();
    if (why !== undefined) {
      say(`${fault.name}: left out, since ${why}`);
      continue;
    }
    const outcome = await runScenario({ ...common, fault, rate: Number(values.rate ?? 20) });
    say(inWords(`${fault.name}: ${fault.what}`, outcome));
    runs.push({ name: fault.name, outcome });
  }
  say(asTable(runs));
  return runs.map(({ outcome }) => outcome);
};

const killUnderLoad = async (): Promise<Outcome[]> => {
  const webhooks = values.webhooks === undefined ? {} : { webhooks: Number(values.webhooks), mix: LARGE };
  const kills = values.kills ?? (values.webhooks === undefined ? '100' : undefined);
  const scenario: Scenario = {
    ...common,
    killEvery: milliseconds(values['kill-every']),
    ...webhooks,
    ...(kills !== undefined && { kills: Number(kills) }),
    ...(values.rate !== undefined && { rate: Number(values.rate) }),
    ...(values.rate === undefined && values.webhooks === undefined && { rate: KILLS_RATE }),
  };
  const outcome = await runScenario(scenario);
  say(inWords(`killed again and again, ${store}`, outcome));
  return [outcome];
};

/** Whether every mistake was found. */
const prove = async (name: string): Promise<boolean> => {
  let all = true;
  for (const mistake of MISTAKES.filter(({ fault }) => name === 'all' || fault === name)) {
    const { findings } = await runBroken(mistake, seed);
    const promises = [...new Set(findings.map(({ promise }) => promise))];
    say(`${mistake.fault}: the bot ${mistake.what}`);
    say(promises.length === 0 ? '  NOT FOUND' : `  found ${findings.length}: ${promises.join('; ')}`);
    if (findings[0]) say(`  as: ${findings[0].what.slice(0, 200)}`);
    all &&= promises.length > 0;
  }
  return all;
};

if (values.help) say(HELP);
else if (values.prove !== undefined) process.exitCode = (await prove(values.prove)) ? 0 : 1;
else {
  say(`seed ${seed}: run again with --seed ${seed}`);
  const outcomes = values.fault === undefined ? await killUnderLoad() : await breakAll(values.fault);
  process.exitCode = outcomes.some(({ findings }) => findings.length > 0) ? 1 : 0;
}
