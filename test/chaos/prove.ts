import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Mistake } from './broken.ts';
import { faultNamed } from './faults/all.ts';
import { type Outcome, runScenario } from './scenario.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** Long enough for what has to be tried twice; what is lost never comes to rest. */
const PATIENCE = 30_000;

/** Runs a fault against a copy of the source with a mistake in it: what the audit finds is what it is good for. */
export const runBroken = async (mistake: Mistake, seed: number): Promise<Outcome> => {
  const folder = await mkdtemp(join(tmpdir(), 'webkasa-bot-broken-'));
  try {
    for (const part of ['src', 'templates', 'package.json'])
      await cp(join(ROOT, part), join(folder, part), { recursive: true });
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    const file = join(folder, mistake.file);
    await writeFile(file, withMistake(await readFile(file, 'utf8'), mistake));
    return await runScenario({
      seed,
      store: mistake.store ?? 'sqlite',
      fault: faultNamed(mistake.fault),
      rate: 20,
      program: join(folder, 'src/main.ts'),
      patience: PATIENCE,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** The text with the mistake in it; throws where the code has changed, so that none is made. */
export const withMistake = (text: string, { file, from, to }: Mistake): string => {
  const parts = text.split(from);
  if (parts.length !== 2)
    throw new Error(`${file} holds this ${parts.length - 1} times, where it must stand once: ${from}`);
  return parts.join(to);
};
