#!/usr/bin/env node
// Plain JavaScript that runs on any Node: finds one that is new enough, and runs the bot with it.
import { spawn } from 'node:child_process';
import { FLAGS, findNode, NEEDED, pathTo } from './find-node.js';

const node = findNode();
if (node === undefined) {
  process.stderr.write(
    `webkasa-bot needs Node ${NEEDED}, and this is ${process.version}.\n` +
      `Run \`npm ci\` in ${pathTo('..')}, which brings one along, or install Node ${NEEDED}.\n`,
  );
  process.exitCode = 1;
} else {
  const child = spawn(node, [...FLAGS, pathTo('../src/cli.ts'), ...process.argv.slice(2)], { stdio: 'inherit' });

  // A terminal sends Ctrl-C to the whole process group: passed on as well, it would arrive twice.
  const atTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  process.on('SIGINT', () => atTerminal || child.kill('SIGINT'));
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));

  child.on('error', (error) => {
    process.stderr.write(`${node} can't be started: ${error.message}\nRun \`npm ci\` again.\n`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    if (signal === null) {
      process.exitCode = code;
      return;
    }
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
