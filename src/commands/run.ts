import { messageOf, OperatorError } from '../core/errors.ts';
import { leave } from '../runtime/leave.ts';
import { addresses } from './addresses.ts';
import { today, upcoming } from './agenda.ts';
import { backup } from './backup.ts';
import { check } from './check.ts';
import { demo } from './demo/demo.ts';
import { dispatch } from './dispatch.ts';
import { doctor } from './doctor.ts';
import { readEnvFile } from './env-file.ts';
import { erase } from './erase.ts';
import { exportCommand } from './export.ts';
import { failed } from './failed.ts';
import { preview } from './preview.ts';
import { rerun } from './rerun.ts';
import { restore } from './restore.ts';
import { retry } from './retry.ts';
import { rules } from './rules.ts';
import { search } from './search.ts';
import { send } from './send.ts';
import { sendTest } from './send-test.ts';
import { show } from './show.ts';
import { slackManifestCommand } from './slack-manifest.ts';
import { start } from './start.ts';
import { store } from './store.ts';
import { why } from './why.ts';

/** Every command, in the order of the help. To add one, write a file in this folder and list it here. */
export const COMMANDS = [
  start,
  demo,
  check,
  doctor,
  send,
  sendTest,
  search,
  show,
  today,
  upcoming,
  why,
  failed,
  addresses,
  retry,
  rerun,
  rules,
  preview,
  exportCommand,
  slackManifestCommand,
  erase,
  backup,
  restore,
  store,
];

/** Runs the command line of this process and sets its exit code. */
export const run = async (argv: readonly string[]): Promise<void> => {
  // A reader that stops reading (`… | head`) is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    process.stderr.write(`The answer could not be written: ${messageOf(error)}\n`);
    process.exit(1);
  });
  try {
    readEnvFile(process.env);
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    process.stderr.write(`${error.message}\n${error.remedy}\n`);
    process.exitCode = 1;
    return;
  }
  const code = await dispatch(argv, COMMANDS, {
    env: process.env,
    out: process.stdout,
    err: process.stderr,
    now: Date.now,
  });
  process.exitCode = code;
  // A check that doctor gave up on may never end, and must not keep the process alive.
  if (argv.find((word) => !word.startsWith('-')) === doctor.name) process.stdout.write('', () => leave(code));
};
