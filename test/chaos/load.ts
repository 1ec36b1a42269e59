import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { sign } from '../../src/receive/signature.ts';
import { aLife, type Mix, type Told } from './stories.ts';

export const SECRET = 'secret-of-the-chaos-runs';

/**
 * When WebKasa sends again what was not answered 2xx: 1 minute after the first try, then 5 minutes, 30 minutes, 2 hours
 * and 24 hours after the one before; here six hundred times as fast, and the last ones no later than this.
 */
const LONGEST_WAIT = 15_000;
const RETRIES = [1, 5, 30, 120, 1440].map((minutes) => Math.min(minutes * 100, LONGEST_WAIT));

/** No answer within this is no answer; then it is sent again, though it may have been kept. */
const PATIENCE = 4_000;

/** Two steps of a life are up to so far apart: near enough that one which fails is overtaken by the next. */
const LONGEST_STEP = 1_500;

/** Tries of a webhook that was accepted come again after up to this. */
const LATEST_DUPLICATE = 3_000;

export type Load = {
  /** What was answered 200, in the order of the answers, and when first. */
  readonly accepted: ReadonlyMap<string, { readonly told: Told; readonly at: number }>;
  /** Answers of each status; 0 where there was none. */
  readonly answers: ReadonlyMap<number, number>;
  /** Webhooks that were accepted and sent once more on purpose. */
  duplicates(): number;
  /** Begins nothing new; resolves once everything begun is accepted. */
  stop(): Promise<void>;
  /** Resolves by itself once as many webhooks as were asked for are accepted. */
  readonly ended: Promise<void>;
};

export type LoadOptions = {
  /** Where to post, one after the other. */
  readonly receivers: readonly string[];
  readonly random: () => number;
  readonly mix: Mix;
  /** New webhooks a second; as many as `atOnce` allows where absent. */
  readonly rate?: number;
  /** Requests under way at the same time. */
  readonly atOnce?: number;
  /** Ends by itself after about so many (lives are told to their end); goes on until stop() where absent. */
  readonly webhooks?: number;
  /** Share of the accepted that are sent once more. */
  readonly duplicates?: number;
  /** Whether the steps of a life are sent in any order. */
  readonly shuffled?: boolean;
};

type Try = { readonly told: Told; readonly number: number; readonly again: boolean };

/** Starts sending as WebKasa does: signed, several at a time, over receivers in turn, again after what fails. */
export const startLoad = (options: LoadOptions): Load => {
  const { receivers, random, mix, rate, atOnce = 16, webhooks = Number.POSITIVE_INFINITY, duplicates = 0.1 } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const accepted = new Map<string, { told: Told; at: number }>();
  const answers = new Map<number, number>();
  const ready: Try[] = [];
  let [lives, made, begun, open, again, turn] = [0, 0, 0, 0, 0, 0];
  let stopping = false;
  const startedAt = performance.now();

  const later = (next: Try, after: number): void => {
    open += 1;
    setTimeout(() => {
      ready.push(next);
      open -= 1;
    }, after);
  };

  const beginLife = (): void => {
    let at = 0;
    const life = aLife(lives++, mix, random);
    const inTurn = options.shuffled ? life.map((told) => ({ told, place: random() })) : [];
    for (const told of options.shuffled ? inTurn.sort((a, b) => a.place - b.place).map((each) => each.told) : life) {
      made += 1;
      if (at === 0) ready.push({ told, number: 0, again: false });
      else later({ told, number: 0, again: false }, at);
      at += random() * LONGEST_STEP;
    }
  };

  const answered = (one: Try, status: number): void => {
    const { told, number } = one;
    answers.set(status, (answers.get(status) ?? 0) + 1);
    if (status === 200) {
      if (!accepted.has(told.id)) accepted.set(told.id, { told, at: Date.now() });
      if (one.again || random() >= duplicates) return;
      again += 1;
      later({ told, number: 0, again: true }, random() * LATEST_DUPLICATE);
      return;
    }
    // After that somebody has it sent again from WebKasa's dashboard.
    const wait = RETRIES[number] ?? LONGEST_WAIT;
    later({ ...one, number: number + 1 }, wait);
  };

  const next = (): Try | undefined => {
    const due = rate === undefined ? begun + 1 : ((performance.now() - startedAt) / 1000) * rate;
    if (ready.length === 0 && !stopping && made < webhooks && begun < due) beginLife();
    return ready.shift();
  };

  const sender = async (): Promise<void> => {
    for (;;) {
      const one = next();
      if (!one) {
        if ((stopping || made >= webhooks) && open + inFlight === 0) return;
        await pause(5);
        continue;
      }
      if (one.number === 0 && !one.again) begun += 1;
      inFlight += 1;
      const url = receivers[turn++ % receivers.length] ?? '';
      answered(one, await post(url, one.told.body, agent));
      inFlight -= 1;
    }
  };
  let inFlight = 0;

  const ended = Promise.all(Array.from({ length: atOnce }, sender)).then(() => agent.destroy());
  return {
    accepted,
    answers,
    duplicates: () => again,
    stop: () => {
      stopping = true;
      return ended;
    },
    ended,
  };
};

/** The status of the answer; 0 where there was none. */
const post = (url: string, body: string, agent: Agent): Promise<number> =>
  new Promise((resolve) => {
    const bytes = Buffer.from(body);
    const headers = {
      'Content-Type': 'application/json',
      'Content-Length': bytes.length,
      'X-WebKasa-Signature': sign(bytes, SECRET),
    };
    const sent = request(url, { method: 'POST', agent, headers, signal: AbortSignal.timeout(PATIENCE) }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode ?? 0));
      response.once('error', () => resolve(0));
      response.once('close', () => resolve(0));
    });
    sent.once('error', () => resolve(0));
    sent.end(bytes);
  });
