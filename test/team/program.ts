/*
 * What the tests run in a process of its own, to kill it or to limit its disk. Pauses one rule after the other in the
 * document it is given, and prints each once it is on disk, or why it is not.
 */
import { messageOf } from '../../src/core/errors.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { openTeam } from '../../src/team/open.ts';
import { pausing } from './changes.ts';

const [file = '', from = '0', most = 'Infinity'] = process.argv.slice(2);
const say = (line: string): Promise<void> =>
  new Promise((resolve) => {
    process.stdout.write(`${line}\n`, () => resolve());
  });

const team = await openTeam({ file, log: silentLog() });
for (let number = Number(from); number < Number(most); number += 1) {
  const rule = `rule-${number}`;
  await team.update(pausing(rule)).then(
    () => say(rule),
    (error: unknown) => say(`refused: ${messageOf(error)}`),
  );
}
await team[Symbol.asyncDispose]();
