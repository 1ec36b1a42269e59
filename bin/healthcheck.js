#!/usr/bin/env node
// For HEALTHCHECK, in place of curl: exits with 0 if the bot in this container answers, else with 1.
import { get as getPlain } from 'node:http';
import { get as getTls } from 'node:https';

const { PORT, TLS_CERT_FILE } = process.env;
// As everywhere, a setting that is empty is not set.
const port = PORT?.trim() || '3000';
const PATIENCE_MS = 4_000;

const finish = (problem) => {
  if (problem) process.stderr.write(`${problem}\n`);
  process.exit(problem ? 1 : 0);
};

setTimeout(() => finish(`no answer within ${PATIENCE_MS / 1000} seconds`), PATIENCE_MS);
// The certificate is not verified: it is for the bot's public name, not for 127.0.0.1.
const options = { host: '127.0.0.1', port, path: '/healthz', agent: false, rejectUnauthorized: false };
const get = TLS_CERT_FILE?.trim() ? getTls : getPlain;
get(options, (answer) => {
  answer.resume();
  finish(answer.statusCode === 200 ? undefined : `answered with ${answer.statusCode}`);
}).on('error', (error) => finish(error.message));
