import type { AddressInfo } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import { lastingPort } from './port.ts';

/** A reply of the server's, e.g. `{ code: 550, text: '5.1.1 No such user' }`. */
export type SmtpReply = { readonly code: number; readonly text?: string };

/** What the server does in place of accepting. `drop` closes the connection, `hang` never answers. */
export type SmtpBehaviour = {
  readonly greeting?: SmtpReply | 'hang' | 'drop';
  readonly login?: SmtpReply;
  readonly sender?: SmtpReply;
  /** For every recipient, or as a function for some. */
  readonly recipient?: SmtpReply | ((address: string) => SmtpReply | undefined);
  /** After the whole message: `drop` and `hang` keep it as accepted all the same, `{code}` does not. */
  readonly data?: SmtpReply | 'drop' | 'hang';
};

export type ReceivedMail = {
  readonly from: string;
  readonly to: readonly string[];
  /** Who had logged in, where login is asked for. */
  readonly user: string | undefined;
  readonly raw: Buffer;
};

export type SmtpServerOptions = {
  /** Ask for this login before any mail. */
  readonly login?: { readonly user: string; readonly password: string };
  /** Offer STARTTLS, with a certificate that nobody signed. */
  readonly startTls?: boolean;
  readonly port?: number;
  /** Take the PIPELINING of real servers away, as old ones lack it. */
  readonly oldFashioned?: boolean;
};

export type SmtpStandIn = {
  readonly port: number;
  /** With the login in it where one is asked for. */
  readonly url: string;
  /** Every mail accepted so far. */
  readonly messages: readonly ReceivedMail[];
  /** The same, parsed as a mail program would. */
  parsed(): Promise<readonly (ParsedMail & { readonly envelope: ReceivedMail })[]>;
  /** From the next command on. */
  setBehaviour(behaviour: SmtpBehaviour): void;
  /** How many connections were opened so far. */
  connections(): number;
  /** Resolves once so many messages were received. */
  received(count: number): Promise<void>;
  /** Cuts all connections and refuses new ones, until `restart`, which listens on the same port. */
  stop(): Promise<void>;
  restart(): Promise<void>;
  clear(): void;
  close(): Promise<void>;
};

/** A real SMTP server on a free local port. */
export const startSmtpServer = async (options: SmtpServerOptions = {}): Promise<SmtpStandIn> => {
  const messages: ReceivedMail[] = [];
  const waiting = new Set<() => void>();
  let behaviour: SmtpBehaviour = {};
  let opened = 0;

  const cut = (session: SMTPServerSession): void => {
    for (const connection of server.connections) {
      if (connection.session === session) connection._socket.destroy();
    }
  };

  const onData = (stream: SMTPServerDataStream, session: SMTPServerSession, done: Answer): void => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      const { data } = behaviour;
      if (typeof data === 'object') return done(refusal(data));
      const { mailFrom, rcptTo } = session.envelope;
      messages.push({
        from: mailFrom ? mailFrom.address : '',
        to: rcptTo.map((recipient) => recipient.address),
        user: typeof session.user === 'string' ? session.user : undefined,
        raw: Buffer.concat(chunks),
      });
      for (const check of waiting) check();
      if (data === 'drop') cut(session);
      else if (data !== 'hang') done(null, `OK queued as ${messages.length}`);
    });
  };

  const makeServer = (): SMTPServer =>
    new SMTPServer({
      authOptional: options.login === undefined,
      allowInsecureAuth: true,
      disabledCommands: [...(options.login ? [] : ['AUTH']), ...(options.startTls ? [] : ['STARTTLS'])],
      hidePIPELINING: options.oldFashioned ?? false,
      logger: false,
      closeTimeout: 10,
      disableReverseLookup: true,
      onConnect: (session, done) => {
        opened += 1;
        const { greeting } = behaviour;
        if (greeting === 'drop') cut(session);
        else if (greeting !== 'hang') done(greeting && refusal(greeting));
      },
      onAuth: ({ username, password }, _session, done) => {
        const { login } = options;
        if (behaviour.login) return done(refusal(behaviour.login));
        if (username === login?.user && password === login?.password) return done(null, { user: username });
        done(refusal({ code: 535, text: '5.7.8 Username and Password not accepted' }));
      },
      onMailFrom: (_address, _session, done) => done(behaviour.sender && refusal(behaviour.sender)),
      onRcptTo: ({ address }, _session, done) => {
        const { recipient } = behaviour;
        const reply = typeof recipient === 'function' ? recipient(address) : recipient;
        done(reply && refusal(reply));
      },
      onData,
    });

  const listen = async (port: number): Promise<SMTPServer> => {
    const made = makeServer();
    // Clients that hang up in the middle are part of the tests.
    made.on('error', () => {});
    await new Promise<void>((resolve, reject) => {
      made.server.once('error', reject);
      made.listen(port, '127.0.0.1', resolve);
    });
    return made;
  };

  let server = await listen(options.port ?? (await lastingPort()));
  const { port } = server.server.address() as AddressInfo;
  const login = options.login
    ? `${encodeURIComponent(options.login.user)}:${encodeURIComponent(options.login.password)}@`
    : '';

  const stop = async (): Promise<void> => {
    const stopping = server;
    const closed = new Promise<void>((resolve) => stopping.close(resolve));
    for (const connection of stopping.connections) connection._socket.destroy();
    await closed;
  };

  return {
    port,
    url: `smtp://${login}127.0.0.1:${port}`,
    messages,
    parsed: () =>
      Promise.all(messages.map(async (envelope) => Object.assign(await simpleParser(envelope.raw), { envelope }))),
    setBehaviour: (next) => {
      behaviour = next;
    },
    connections: () => opened,
    received: (count) =>
      new Promise((resolve) => {
        const check = () => {
          if (messages.length < count) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    stop,
    restart: async () => {
      server = await listen(port);
    },
    clear: () => {
      messages.length = 0;
    },
    close: stop,
  };
};

type Answer = (error?: Error | null, text?: string) => void;

const refusal = ({ code, text = 'no' }: SmtpReply): Error => Object.assign(new Error(text), { responseCode: code });
