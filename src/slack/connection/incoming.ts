import { atMost } from '../../runtime/at-most.ts';
import type { Log } from '../../runtime/log.ts';
import { traceOf } from '../trace.ts';
import { type Acknowledged, createAcknowledgement } from './acknowledgement.ts';
import { failureAnswer, type Payload, typeOfPayload, unknownAnswer, waitingAnswer } from './payload.ts';

/** Slack waits three seconds, the way there and back included. */
const ANSWER_WITHIN = 2_500;

export type IncomingDeps = {
  /** Bolt's side: finds the listeners and runs them. */
  readonly process: (payload: Payload, ack: (body?: unknown) => Promise<void>) => Promise<void>;
  /** Tells a person by the payload's response_url that something failed; never throws. */
  readonly apologise: (payload: Payload) => Promise<void>;
  readonly log: Log;
  readonly answerWithin?: number;
};

export type Incoming = {
  /**
   * Hands a payload to the app, and resolves with what Slack is to be answered: what a listener acknowledged it with, or
   * within two and a half seconds something that fits, where none did. The listeners may still be at work then.
   */
  take(payload: Payload): Promise<Acknowledged>;
  /** Resolves once nothing is at work any more, or after so many milliseconds. */
  idle(milliseconds: number): Promise<void>;
};

/** What is common to both ways in which payloads come from Slack. */
export const createIncoming = (deps: IncomingDeps): Incoming => {
  const { process, apologise, log, answerWithin = ANSWER_WITHIN } = deps;
  const atWork = new Set<Promise<void>>();

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
        atWork.delete(work);
      });
    atWork.add(work);
    return acknowledgement.settled;
  };

  return {
    take,
    idle: (milliseconds) => atMost(milliseconds, Promise.all(atWork)),
  };
};
