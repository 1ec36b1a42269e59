import { BOTH, type Fault, failuresOf } from './fault.ts';

const lasts = 6_000;

/** Nobody listens any more, and connections that were open are cut. */
const refused: Fault = {
  name: 'smtp-refused',
  what: 'the mail server is gone: connections are cut and refused',
  stores: BOTH,
  lasts,
  async begin({ sinks, cuts }) {
    cuts.push(Date.now());
    await sinks.smtp.stop();
    return () => sinks.smtp.restart();
  },
  felt: (traces) => failuresOf(traces, 'email').length > 0,
};

/** It is there and says that it can't now. */
const busy: Fault = {
  name: 'smtp-busy',
  what: 'the mail server answers 451 to every mail',
  stores: BOTH,
  lasts,
  async begin({ sinks }) {
    sinks.behave({ sender: { code: 451, text: '4.3.2 Please try again later' } });
    return async () => sinks.behave({});
  },
  felt: (traces) => failuresOf(traces, 'email').length > 0,
};

/** It takes the whole mail and never answers. */
const hanging: Fault = {
  name: 'smtp-hanging',
  what: 'the mail server takes mails and never answers',
  stores: BOTH,
  lasts,
  async begin({ sinks }) {
    sinks.behave({ greeting: 'hang', data: 'hang' });
    return async () => sinks.behave({});
  },
  felt: ({ unanswered }) => unanswered.size > 0,
};

/** It takes the whole mail and hangs up before it says so. */
const dropping: Fault = {
  name: 'smtp-dropping',
  what: 'the mail server takes mails and hangs up before it says so',
  stores: BOTH,
  lasts,
  async begin({ sinks }) {
    sinks.behave({ data: 'drop' });
    return async () => sinks.behave({});
  },
  felt: ({ unanswered }) => unanswered.size > 0,
};

export const MAIL_FAULTS: readonly Fault[] = [refused, busy, hanging, dropping];
