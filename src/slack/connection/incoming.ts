import { atMost } from '../../runtime/at-most.ts';
import type { Log } from '../../runtime/log.ts';
import { traceOf } from '../trace.ts';
import { type Acknowledged, createAcknowledgement } from './acknowledgement.ts';
import { failureAnswer, type Payload, typeOfPayload, unknownAnswer, waitingAnswer } from './payload.ts';

/** Slack waits three seconds, time on the network included. */
const ANSWER_WITHIN = 2_500;

export type IncomingDeps = {
  /** Bolt's part: finds the listeners for a payload and runs them. */
  readonly process: (payload: Payload, ack: (body?: unknown) => Promise<void>) => Promise<void>;
  /** Tells the person behind a payload that it failed; never rejects. */
  readonly apologise: (payload: Payload) => Promise<void>;
  readonly log: Log;
  /** Milliseconds within which a payload is acknowledged, by a listener or without one. */
  readonly answerWithin?: number;
};

export type Incoming = {
  /**
   * Passes a payload to the listeners, and resolves with its acknowledgement: the listener's, or after two and a half seconds
   * a fitting default. The listeners may still be running then. Never rejects.
   */
  take(payload: Payload): Promise<Acknowledged>;
  /** Resolves once no listener is running any more, or after so many milliseconds. */
  idle(milliseconds: number): Promise<void>;
};

/** Handles payloads from Slack, whether they come over HTTP or by Socket Mode. */
export const createIncoming = (deps: IncomingDeps): Incoming => {
  const { process, apologise, log, answerWithin = ANSWER_WITHIN } = deps;
  const running = new Set<Promise<void>>();

  const take = (payload: Payload): Promise<Acknowledged> => {
    const type = typeOfPayload(payload);
    const acknowledgement = createAcknowledgement();
    const timer = setTimeout(() => {
      if (acknowledgement.settle(waitingAnswer(payload)))
        log.warn({ type }, 'a request of Slack was not acknowledged in time, and got an answer that promises one');
    }, answerWithin);

    const ack = async (body?: unknown): Promise<void> => {
      if (!acknowledgement.settle({ body })) log.debug({ type }, 'a request of Slack was acknowledged once more');
    };
    const onDone = (): void => {
      if (acknowledgement.settle(unknownAnswer(payload)))
        log.info({ type }, 'nothing in the bot answers this kind of request of Slack');
    };
    const onFailure = async (error: unknown): Promise<void> => {
      log.error({ type, error: traceOf(error) }, "a request of Slack's could not be answered");
      const answer = failureAnswer(payload);
      if (!acknowledgement.settle(answer ?? { body: undefined }) || !answer) await apologise(payload);
    };
    const work = process(payload, ack)
      .then(onDone, onFailure)
      .finally(() => {
        clearTimeout(timer);
        running.delete(work);
      });
    running.add(work);
    return acknowledgement.settled;
  };

  return {
    take,
    idle: (milliseconds) => atMost(milliseconds, Promise.all(running)),
  };
};
