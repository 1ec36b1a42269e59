import type { Misbehaviour } from '../../support/slack-api.ts';
import { BOTH, type Fault, failuresOf } from './fault.ts';

/** So often another call is made to go wrong, whatever it asks for; those in between go well. */
const EVERY = 50;

const slackFault = (name: string, what: string, misbehaviour: Misbehaviour): Fault => ({
  name,
  what,
  stores: BOTH,
  lasts: 6_000,
  async begin({ sinks }) {
    const next = (): void => sinks.slack.behaveAfter(0, misbehaviour);
    next();
    const breaking = setInterval(next, EVERY);
    return async () => clearInterval(breaking);
  },
  felt: (traces) => failuresOf(traces, 'slack').length > 0,
});

export const SLACK_FAULTS: readonly Fault[] = [
  slackFault('slack-429', 'Slack answers 429: too many requests', { as: 'ratelimit', seconds: 2 }),
  slackFault('slack-500-before', 'Slack answers 500, and has done nothing', { as: 'status', status: 500 }),
  slackFault('slack-500-after', 'Slack does what was asked and answers 500', {
    as: 'status',
    status: 500,
    accept: true,
  }),
  slackFault('slack-reset-before', 'Slack resets connections, and has done nothing', { as: 'reset' }),
  slackFault('slack-reset-after', 'Slack does what was asked and resets the connection', { as: 'reset', accept: true }),
];
