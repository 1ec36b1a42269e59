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
  /** Why there is no connection; undefined where there is one, or the first is still being made. */
  readonly trouble: () => Trouble | undefined;
  [Symbol.asyncDispose](): Promise<void>;
};

/** A connection that ends sooner than this was no success: the pauses go on growing. */
const PROVEN = 10_000;
/** Slack sends an envelope again within seconds; a person's second click is another envelope. */
const REMEMBER = { forMs: 600_000, most: 5_000 };

/**
 * Keeps a connection to Slack, whatever happens: replaces it before it ends where Slack says that it will, makes a new one
 * where it broke, and waits longer and longer where none can be made. What came twice is handed on once, and answered the
 * same both times.
 */
export const startSocket = (deps: SocketDeps): Socket => {
  const { appToken, apiUrl, incoming, now, random, log } = deps;
  const wake = createWake();
  const stopping = Promise.withResolvers<'stopped'>();
  const answers = createSeen<Promise<Acknowledged>>({ ...REMEMBER, now });
  let stopped = false;
  let link: Link | undefined;
  let trouble: Trouble | undefined;
  /** Connections in a row that could not be made, or ended at once. */
  let failures = 0;
  let met = false;
  /** Whether connections can be made, but end at once: then one that is made is no success yet. */
  let flapping = false;

  const onEnvelope = async ({ id, payload, acknowledge }: Envelope): Promise<void> => {
    const key = identityOf(payload) ?? id;
    const answer = answers.get(key) ?? incoming.take(payload);
    answers.keep(key, answer);
    const { body } = await answer;
    // Where the connection is gone, Slack sends the envelope again over the next one.
    await acknowledge(body).catch(() => log.debug({ envelope: id }, 'an acknowledgement found its connection gone'));
  };

  /** Told where it lasts, or did not pass at the second try: a connection that breaks and is there again is no news. */
  const onFailure = (found: Trouble): void => {
    failures += 1;
    if (failures === 1 && !found.lasting) return;
    if (found.code !== trouble?.code)
      log[found.lasting ? 'error' : 'warn'](`Slack: no connection, so nobody can ask the bot there. ${found.text}`);
    trouble = found;
  };

  const tellConnected = (): void => {
    if (!met || trouble) log.info(`Slack: connected by Socket Mode${met ? ' again' : ''}`);
    met = true;
    trouble = undefined;
  };

  /** Makes a connection and resolves when it is over. The one before is closed as soon as this one can be used, or is not to be had. */
  const use = async (): Promise<void> => {
    const previous = link;
    const opening = openLink({ appToken, apiUrl, onEnvelope });
    const opened = await opening.finally(() => {
      link = undefined;
      void previous?.close();
    });
    link = opened;
    const since = performance.now();
    const proven = setTimeout(tellConnected, PROVEN);
    if (!flapping || !trouble) tellConnected();
    const reason = await Promise.race([opened.over, stopping.promise]);
    clearTimeout(proven);
    if (stopped) return;
    if (reason === 'gone') link = undefined;
    log.debug({ reason }, 'a connection to Slack is over');
    flapping = performance.now() - since < PROVEN;
    if (flapping) onFailure(endedBecause(reason));
    else failures = 0;
  };

  const keep = async (): Promise<void> => {
    while (!stopped) {
      await use().catch((error: unknown) => {
        flapping = false;
        onFailure(troubleOf(error, 'SLACK_APP_TOKEN'));
      });
      if (!stopped) await wake.sleep(Math.max(trouble?.waitMs ?? 0, pauseAfter(failures, random())));
    }
    await link?.close();
    link = undefined;
  };

  void keep();
  return {
    connected: () => link !== undefined,
    trouble: () => trouble,
    [Symbol.asyncDispose]: async () => {
      stopped = true;
      stopping.resolve('stopped');
      wake.stop();
      // Where one is just being made, it is closed as soon as it is there: that is not waited for.
      await link?.close();
    },
  };
};
