import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { sign } from '../../src/receive/signature.ts';

export type Steady = {
  /** Stops, waits for the last answers, and says what came of it. */
  stop(): Promise<{
    readonly answered: number;
    readonly failed: number;
    readonly perSecond: number;
    readonly p99: number;
  }>;
};

/** Posts so many webhooks a second, however long each takes to be answered. Times count from when each was due. */
export const startSteady = (
  url: string,
  secret: string,
  perSecond: number,
  webhook: (n: number) => unknown,
): Steady => {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const times: number[] = [];
  let failed = 0;
  let sent = 0;
  let stopped = false;
  const begun = performance.now();

  const send = (n: number): void => {
    const due = begun + (n * 1000) / perSecond;
    const body = Buffer.from(JSON.stringify(webhook(n)));
    const headers = { 'Content-Type': 'application/json', 'X-WebKasa-Signature': sign(body, secret) };
    const told = (ok: boolean): void => {
      times.push(performance.now() - due);
      if (!ok) failed += 1;
    };
    request(url, { agent, method: 'POST', headers: { ...headers, 'Content-Length': body.length } })
      .on('response', (response) => response.resume().on('end', () => told(response.statusCode === 200)))
      .on('error', () => told(false))
      .end(body);
  };
  const sending = (async () => {
    while (!stopped) {
      const due = Math.floor(((performance.now() - begun) * perSecond) / 1000);
      while (sent < due) send(sent++);
      await pause(2);
    }
    while (times.length < sent) await pause(5);
  })();

  return {
    stop: async () => {
      stopped = true;
      const seconds = (performance.now() - begun) / 1000;
      await sending;
      agent.destroy();
      times.sort((a, b) => a - b);
      const p99 = times[Math.floor(times.length * 0.99)] ?? Number.NaN;
      return { answered: times.length, failed, perSecond: times.length / seconds, p99 };
    },
  };
};
