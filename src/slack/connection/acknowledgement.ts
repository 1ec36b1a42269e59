/** What Slack is answered: a body, or none. */
export type Acknowledged = { readonly body: unknown };

export type Acknowledgement = {
  /** Answers, the first time; false where it was answered before. */
  settle(answer: Acknowledged): boolean;
  readonly settled: Promise<Acknowledged>;
};

/** Of all who want to answer a request, the first does. */
export const createAcknowledgement = (): Acknowledgement => {
  const { promise, resolve } = Promise.withResolvers<Acknowledged>();
  let done = false;
  return {
    settle(answer) {
      if (done) return false;
      done = true;
      resolve(answer);
      return true;
    },
    settled: promise,
  };
};
