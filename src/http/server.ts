import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type Router from '@koa/router';
import Koa from 'koa';
import { messageOf, OperatorError } from '../core/errors.ts';
import type { Log } from '../runtime/log.ts';
import { errorAnswers } from './errors.ts';
import { plainAnswers } from './headers.ts';

export type HttpServerDeps = {
  readonly host: string;
  readonly port: number;
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
  readonly routers: readonly Router[];
  readonly log: Log;
  readonly limits?: ServerLimits;
};

/** How long senders may dawdle, in milliseconds, and how many of them there may be. */
export type ServerLimits = {
  /** From the connection's opening, or a request's first byte, until the headers are complete. */
  readonly headersTimeout: number;
  /** The same until the whole request is there. */
  readonly requestTimeout: number;
  /** How often the two are looked after. */
  readonly connectionsCheckingInterval: number;
  /** How long a connection may wait for its next request. */
  readonly keepAliveTimeout: number;
  /** How long requests under way may go on after the server was told to stop. */
  readonly closeGrace: number;
  /** How long a connection may stand still in the midst of a request or an answer. */
  readonly timeout?: number;
  /** Above so many open connections those that are idle are closed, and new ones only taken in their place. */
  readonly maxConnections?: number;
};

export type HttpServer = {
  /** Where it really listens, e.g. `http://127.0.0.1:3000`. */
  readonly url: string;
  /** Takes no more connections and waits for requests under way. */
  [Symbol.asyncDispose](): Promise<void>;
};

/**
 * Against senders that open connections and dawdle; the receiver has its own, shorter limit for bodies. Connections are
 * kept for longer than proxies keep theirs (60 seconds in nginx and most load balancers): were it shorter, a proxy would
 * now and then send a webhook into a connection that is just being closed.
 */
const LIMITS: ServerLimits = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 2_000,
  keepAliveTimeout: 75_000,
  closeGrace: 2_000,
};
const STUCK = 60_000;
const MOST_CONNECTIONS = 2_000;

/**
 * What holds whatever NODE_OPTIONS says. The request line and all headers have 16 KB; a request whose end is not certain is
 * refused. How many requests come over one connection is not limited: one after the other they cost nothing, and a proxy
 * sends all it has over a few.
 */
const STRICT = {
  maxHeaderSize: 16_384,
  insecureHTTPParser: false,
  requireHostHeader: true,
  joinDuplicateHeaders: false,
};

/** Serves the routers it is handed, over HTTPS where a certificate is given. */
export const startHttpServer = async (deps: HttpServerDeps): Promise<HttpServer> => {
  const { host, port, tls, routers, log, limits = LIMITS } = deps;
  const app = new Koa();
  let closing = false;
  app.use(async function lastAnswers(ctx, next) {
    await next();
    // Else the connection would be kept open for another request, and hold up the stop.
    if (closing) ctx.set('Connection', 'close');
  });
  app.use(plainAnswers);
  app.use(errorAnswers(log));
  for (const router of routers) app.use(router.routes());
  app.on('error', (error) => log.debug({ err: error }, 'a connection failed'));

  const server = tls
    ? secureServer(
        // A handshake has no more time than the headers that would come after it.
        { ...limits, ...STRICT, ...TLS, handshakeTimeout: limits.headersTimeout, ...(await readCertificate(tls)) },
        app.callback(),
      )
    : createServer({ ...limits, ...STRICT }, app.callback());
  server.on(tls ? 'secureConnection' : 'connection', rememberRemote);
  server.timeout = limits.timeout ?? STUCK;
  server.maxConnections = limits.maxConnections ?? MOST_CONNECTIONS;
  server.on('drop', () => server.closeIdleConnections());
  await listen(server, host, port);
  const { address, family, port: bound } = server.address() as AddressInfo;
  const name = family === 'IPv6' ? `[${address}]` : address;
  return {
    url: `${tls ? 'https' : 'http'}://${name}:${bound}`,
    [Symbol.asyncDispose]: () => {
      closing = true;
      return close(server, limits.closeGrace);
    },
  };
};

/** Throws an OperatorError where HTTPS could not be served with these files; else the certificate. */
export const checkCertificate = async (tls: { certFile: string; keyFile: string }): Promise<X509Certificate> => {
  const files = await readCertificate(tls);
  secureServer({ ...TLS, ...files }, () => {});
  return new X509Certificate(files.cert);
};

const TLS = { minVersion: 'TLSv1.2' } as const;

/** A socket keeps the address once it was asked for; after a reset by the other side it can't be found out any more. */
const rememberRemote = (socket: Socket): void => {
  void socket.remoteAddress;
};

const readCertificate = async ({ certFile, keyFile }: { certFile: string; keyFile: string }) => {
  const read = (name: string, file: string): Promise<Buffer> =>
    readFile(file).catch((error: unknown) => {
      throw new OperatorError(`${name} can't be read: ${messageOf(error)}`, {
        remedy: `Mend the path, or let this user read the file.`,
      });
    });
  return { cert: await read('TLS_CERT_FILE', certFile), key: await read('TLS_KEY_FILE', keyFile) };
};

/** Making the server is what finds fault with a certificate or a key. */
const secureServer = (...options: Parameters<typeof createTlsServer>): Server => {
  try {
    return createTlsServer(...options);
  } catch (error) {
    throw new OperatorError(`TLS_CERT_FILE and TLS_KEY_FILE can't be used: ${messageOf(error)}`, {
      remedy: 'Both are PEM files, the key without a passphrase, and belong together: check that they do.',
      cause: error,
    });
  }
};

const listen = (server: Server, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)));
    server.listen(port, host, () => resolve());
  });

const listenError = (error: NodeJS.ErrnoException, host: string, port: number): Error => {
  const notOurs = 'HOST is no address of this machine: use 127.0.0.1, or 0.0.0.0 for all.';
  const remedies: Readonly<Record<string, string>> = {
    EADDRINUSE: `Another program listens on port ${port}: stop it, or set PORT to a free one.`,
    EACCES: `Ports below 1024 need a privilege: set PORT to a higher one and put a proxy in front.`,
    EADDRNOTAVAIL: notOurs,
    ENOTFOUND: notOurs,
    EAI_AGAIN: notOurs,
  };
  const remedy = remedies[error.code ?? ''];
  return new OperatorError(`Can't listen on ${host}:${port}: ${error.message}`, {
    ...(remedy && { remedy }),
    cause: error,
  });
};

/** Requests under way may finish for so long; a sender that dawdles must not hold up the stop. */
const close = (server: Server, grace: number): Promise<void> =>
  new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), grace);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
