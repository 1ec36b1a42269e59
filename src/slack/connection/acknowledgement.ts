/** The acknowledgement of a request: its body, undefined for an empty one. */
export type Acknowledged = { readonly body: unknown };

export type Acknowledgement = {
  /** Acknowledges the request; false if it was acknowledged before. */
  settle(answer: Acknowledged): boolean;
  readonly settled: Promise<Acknowledged>;
};

/** Makes sure that a request is acknowledged once: the first of several competing answers counts. */
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
