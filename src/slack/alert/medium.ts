import type { Alert } from '../../core/alert.ts';
import { alertView } from '../view/alert.ts';
import type { SlackLook } from '../view/answer.ts';
import { type TellDeps, tell } from './tell.ts';

export type SlackMediumDeps = TellDeps & {
  readonly look: () => SlackLook;
  /** Whether Slack reaches the bot, so that buttons do something. */
  readonly interactive: boolean;
  /** Slack channels of which the alert channel knows already that they can't be told. */
  readonly knownBroken: () => readonly string[];
};

/** Tells alerts in the alert channel. */
export const slackMedium = (deps: SlackMediumDeps) => ({
  name: 'slack',
  async tell(alert: Alert): Promise<boolean> {
    if (alert.as === 'dead' && known(alert, deps.knownBroken())) return true;
    return tell(deps, alertView(alert, deps, deps.look()));
  },
});

/** Whether all of them were meant for channels whose failure has an alert of its own. */
const known = ({ count, deliveries }: Extract<Alert, { as: 'dead' }>, broken: readonly string[]): boolean =>
  count === deliveries.length && deliveries.every(({ kind, to }) => kind === 'slack' && broken.includes(to));
