import { readFile } from 'node:fs/promises';
import type { Config } from '../config.ts';
import { messageOf, OperatorError } from '../core/errors.ts';
import { WEBHOOK_PATH } from '../receive/endpoint.ts';
import { readSecret, secretFile } from '../receive/secret.ts';
import { UsageError } from './command.ts';
import { createPoster, type Poster } from './post.ts';

/** How many webhooks are sent concurrently. */
export const CONCURRENCY = 16;

/** Opens what `send` sends to, with the secret to sign by and where that is from. Throws an OperatorError or a UsageError. */
export const openEndpoint = async (
  config: Config,
  wanted: string | undefined,
): Promise<{ readonly url: URL; readonly poster: Poster; readonly secretFrom: string }> => {
  const url = wanted === undefined ? ownAddress(config) : readUrl(wanted);
  const { secret, from } = await secretOf(config);
  const certificate = wanted === undefined && config.tls ? await readCertificate(config.tls.certFile) : undefined;
  return { url, poster: createPoster({ url, secret, certificate, connections: CONCURRENCY }), secretFrom: from };
};

const readCertificate = (file: string): Promise<Uint8Array> =>
  readFile(file).catch((cause: unknown) => {
    throw new OperatorError(`TLS_CERT_FILE can't be read: ${messageOf(cause)}`, {
      remedy: "Mend it, or name the bot's address with --url.",
      cause,
    });
  });

const ownAddress = ({ host, port, tls }: Config): URL => {
  if (port === 0) {
    throw new OperatorError('PORT is 0, so the bot chose its port itself.', {
      remedy: 'Name the address that its log shows with --url.',
    });
  }
  // The wildcard address is no destination; the loopback address reaches the same server.
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  const name = reachable.includes(':') ? `[${reachable}]` : reachable;
  return new URL(`${tls ? 'https' : 'http'}://${name}:${port}${WEBHOOK_PATH}`);
};

const readUrl = (text: string): URL => {
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol)) return url;
  throw new UsageError(`--url takes an address like http://127.0.0.1:3000${WEBHOOK_PATH}, not "${text}".`, 'send');
};

const secretOf = async ({ webhookSecrets, dataDir }: Config): Promise<{ secret: string; from: string }> => {
  const [set] = webhookSecrets;
  if (set !== undefined) return { secret: set, from: 'WEBKASA_WEBHOOK_SECRET' };
  const kept = await readSecret(dataDir);
  if (kept !== undefined) return { secret: kept, from: secretFile(dataDir) };
  throw new OperatorError('There is no secret to sign with yet.', {
    remedy: 'Start the bot once (npm start), which makes one, or set WEBKASA_WEBHOOK_SECRET.',
  });
};
