import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

const LOWEST = 10_000;
/** Where Linux begins to take ports for outgoing connections, if it does not say otherwise. */
const USUAL_EPHEMERAL = 32_768;
/** Test files run side by side in this many workers at most; each has ports of its own. */
const WORKERS = 8;

/**
 * A free port for a server that goes away and comes back on the same one. It is below those that the
 * system gives to outgoing connections: of a port it had chosen itself, any connection of another test
 * could take hold while the server is gone.
 */
export const lastingPort = async (): Promise<number> => {
  const share = Math.floor((firstEphemeral() - LOWEST) / WORKERS);
  const first = LOWEST + share * (Number(process.env.VITEST_POOL_ID ?? process.pid) % WORKERS);
  for (;;) {
    const port = first + Math.floor(Math.random() * share);
    if (await isFree(port)) return port;
  }
};

const firstEphemeral = (): number => {
  try {
    const first = Number(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s+/)[0]);
    return first > 2 * LOWEST ? first : USUAL_EPHEMERAL;
  } catch {
    return USUAL_EPHEMERAL; // not Linux
  }
};

const isFree = async (port: number): Promise<boolean> => {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
};
