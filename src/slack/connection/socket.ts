import type { Log } from '../../runtime/log.ts';
import { createWake } from '../../runtime/wake.ts';
import type { Acknowledged } from './acknowledgement.ts';
import type { Incoming } from './incoming.ts';
import { type Envelope, type Link, openLink } from './link.ts';
import { pauseAfter } from './pause.ts';
import { identityOf } from './payload.ts';
import { createSeen } from './seen.ts';
import { endedBecause, type Trouble, troubleOf } from './trouble.ts';

export type SocketDeps = {
  readonly appToken: string;
  readonly apiUrl: string;
  readonly incoming: Pick<Incoming, 'take'>;
  readonly now: () => number;
  readonly random: () => number;
  readonly log: Log;
};

export type Socket = {
  readonly connected: () => boolean;
  /** Why there is no connection; undefined while there is one, or while the first is still being opened. */
  readonly trouble: () => Trouble | undefined;
  [Symbol.asyncDispose](): Promise<void>;
};

/** A connection that ends within this many milliseconds counts as a failure, so the backoff keeps growing. */
const STABLE_AFTER = 10_000;
/** Slack redelivers an envelope within seconds; a person's second click is a new envelope. */
const REMEMBER = { forMs: 600_000, most: 5_000 };

/**
 * Keeps a Socket Mode connection open: opens the next one before Slack ends the current one where Slack announces that,
 * reconnects after a break, and backs off while no connection can be made. A redelivered payload is processed once and
 * acknowledged with the same answer both times.
 */
export const startSocket = (deps: SocketDeps): Socket => {
  const { appToken, apiUrl, incoming, now, random, log } = deps;
  const wake = createWake();
  const stopping = Promise.withResolvers<'stopped'>();
  const answers = createSeen<Promise<Acknowledged>>({ ...REMEMBER, now });
  let stopped = false;
  let link: Link | undefined;
  let trouble: Trouble | undefined;
  /** Consecutive connections that could not be opened, or ended at once. */
  let failures = 0;
  /** Milliseconds for which Slack asked to be left alone when it last refused a connection. */
  let askedToWait = 0;
  let wasConnected = false;
  /** Whether connections open but end at once: an open one then counts as recovered only after STABLE_AFTER. */
  let flapping = false;

  const onEnvelope = async ({ id, payload, acknowledge }: Envelope): Promise<void> => {
    const key = identityOf(payload) ?? id;
    const answer = answers.get(key) ?? incoming.take(payload);
    answers.keep(key, answer);
    const { body } = await answer;
    // If the connection is gone, Slack redelivers the envelope over the next one.
    await acknowledge(body).catch(() => log.debug({ envelope: id }, 'an acknowledgement found its connection gone'));
  };

  /** Reports a lasting failure at once, and a passing one from the second on: a connection that is soon back is no news. */
  const onFailure = (found: Trouble): void => {
    failures += 1;
    askedToWait = found.waitMs ?? 0;
    if (failures === 1 && !found.lasting) return;
    if (found.code !== trouble?.code)
      log[found.lasting ? 'error' : 'warn'](`Slack: no connection, so nobody can ask the bot there. ${found.text}`);
    trouble = found;
  };

  const reportConnected = (): void => {
    if (!wasConnected || trouble) log.info(`Slack: connected by Socket Mode${wasConnected ? ' again' : ''}`);
    wasConnected = true;
    trouble = undefined;
  };

  /** Opens a connection and resolves when it is over. Closes the previous one once this one is open, or failed to open. */
  const useNext = async (): Promise<void> => {
    const previous = link;
    const opening = openLink({ appToken, apiUrl, onEnvelope });
    const opened = await opening.finally(() => {
      link = undefined;
      void previous?.close();
    });
    link = opened;
    askedToWait = 0;
    const since = performance.now();
    const stable = setTimeout(reportConnected, STABLE_AFTER);
    if (!flapping || !trouble) reportConnected();
    const reason = await Promise.race([opened.over, stopping.promise]);
    clearTimeout(stable);
    if (stopped) return;
    if (reason === 'gone') link = undefined;
    log.debug({ reason }, 'a connection to Slack is over');
    flapping = performance.now() - since < STABLE_AFTER;
    if (flapping) onFailure(endedBecause(reason));
    else failures = 0;
  };

  const keepConnected = async (): Promise<void> => {
    while (!stopped) {
      await useNext().catch((error: unknown) => {
        flapping = false;
        onFailure(troubleOf(error, 'SLACK_APP_TOKEN'));
      });
      if (!stopped) await wake.sleep(Math.max(askedToWait, pauseAfter(failures, random())));
    }
    await link?.close();
    link = undefined;
  };

  void keepConnected();
  return {
    connected: () => link !== undefined,
    trouble: () => trouble,
    [Symbol.asyncDispose]: async () => {
      stopped = true;
      stopping.resolve('stopped');
      wake.stop();
      // A connection that is being opened right now is closed as soon as it is open; nobody waits for that.
      await link?.close();
    },
  };
};
