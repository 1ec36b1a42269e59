#!/usr/bin/env node
/*
 * Runs after `npm ci`: starts the bot once, in an empty folder and without settings, which fills the compile cache beside the
 * packages. The first real start is then as quick and takes as little memory as any other. Nothing depends on it: where it
 * fails, the first start compiles everything itself.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FLAGS, findNode, pathTo } from './find-node.js';

const PATIENCE_MS = 20_000;
/** What any program needs to run. Settings of a bot that may be in the environment are left out. */
const KEPT = ['PATH', 'HOME', 'TMPDIR', 'SystemRoot', 'TEMP', 'NODE_COMPILE_CACHE'];

const startOnce = (node, folder) => {
  const env = Object.fromEntries(KEPT.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
  const bot = spawn(node, [...FLAGS, pathTo('../src/main.ts')], {
    cwd: folder,
    env: { ...env, HOST: '127.0.0.1', PORT: '0', DATA_DIR: folder },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const timeout = setTimeout(() => bot.kill('SIGKILL'), PATIENCE_MS);
  // The last line of a start names the sheets. Node writes the cache when the bot exits in order.
  let output = '';
  bot.stdout.on('data', (chunk) => {
    output += chunk;
    if (output.includes('sheets: ')) bot.kill('SIGTERM');
  });
  bot.on('error', () => clearTimeout(timeout));
  bot.on('close', () => {
    clearTimeout(timeout);
    rmSync(folder, { recursive: true, force: true });
  });
};

const node = findNode();
try {
  if (node !== undefined) startOnce(node, mkdtempSync(join(tmpdir(), 'webkasa-bot-')));
} catch {
  // There is no folder to start in; a real start will say so if that matters.
}
