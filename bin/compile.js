#!/usr/bin/env node
/*
 * Runs after `npm ci`: starts the bot once, in an empty folder and with no settings, so that what it compiles is kept beside the
 * packages. The first real start then is as quick and as small as any other. Where that does not work, the first start
 * compiles it as it goes; nothing depends on it.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findNode, pathTo } from './find-node.js';

const PATIENCE_MS = 20_000;
/** What a program needs to run at all; the settings of a bot that may stand in the environment are none of its business here. */
const KEPT = ['PATH', 'HOME', 'TMPDIR', 'SystemRoot', 'TEMP', 'NODE_COMPILE_CACHE'];

const startOnce = (node, folder) => {
  const env = Object.fromEntries(KEPT.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
  const bot = spawn(node, ['--max-semi-space-size=8', pathTo('../src/main.ts')], {
    cwd: folder,
    env: { ...env, HOST: '127.0.0.1', PORT: '0', DATA_DIR: folder },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const impatient = setTimeout(() => bot.kill('SIGKILL'), PATIENCE_MS);
  // The last line of a start names the sheets. What was compiled is written when the bot ends in order.
  let told = '';
  bot.stdout.on('data', (chunk) => {
    told += chunk;
    if (told.includes('sheets: ')) bot.kill('SIGTERM');
  });
  bot.on('error', () => clearTimeout(impatient));
  bot.on('close', () => {
    clearTimeout(impatient);
    rmSync(folder, { recursive: true, force: true });
  });
};

const node = findNode();
try {
  if (node !== undefined) startOnce(node, mkdtempSync(join(tmpdir(), 'webkasa-bot-')));
} catch {
  // No folder to start in. It is told where it matters: at the start.
}
