import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands between a client and a server on this machine, and breaks what runs over it. */
export type TcpProxy = {
  readonly port: number;
  /** From now on requests go through and answers don't: at the first one the connection breaks, so that nobody hears it. */
  losesAnswers(loses: boolean): void;
  /** From now on nothing goes through, and nobody is told, until it goes on where it was. */
  hangs(hangs: boolean): void;
  close(): Promise<void>;
};

/** Opens one before a server that listens on this port. */
export const openProxy = async (target: number): Promise<TcpProxy> => {
  const sockets = new Set<Socket>();
  let losing = false;
  let hanging = false;
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', end);
      socket.on('close', () => {
        sockets.delete(socket);
        end();
      });
    }
    client.on('data', (chunk) => upstream.write(chunk));
    upstream.on('data', (chunk) => {
      if (losing) end();
      else client.write(chunk);
    });
    if (hanging) client.pause();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    losesAnswers(loses) {
      losing = loses;
    },
    hangs(hangs) {
      hanging = hangs;
      for (const socket of sockets)
        if (hangs) socket.pause();
        else socket.resume();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
};
