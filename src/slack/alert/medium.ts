import type { Alert } from '../../core/alert.ts';
import { alertView } from '../view/alert.ts';
import type { SlackLook } from '../view/answer.ts';
import { type TellDeps, tell } from './tell.ts';

export type SlackMediumDeps = TellDeps & {
  readonly look: () => SlackLook;
  /** Whether Slack can reach the bot, so that buttons work. */
  readonly interactive: boolean;
  /** The broken Slack channels for which the alert channel already has an alert. */
  readonly knownBroken: () => readonly string[];
};

/** Posts alerts to the alert channel. */
export const slackMedium = (deps: SlackMediumDeps) => ({
  name: 'slack',
  async tell(alert: Alert): Promise<boolean> {
    if (alert.as === 'dead' && known(alert, deps.knownBroken())) return true;
    return tell(deps, alertView(alert, deps, deps.look()));
  },
});

/** Whether all of the dead deliveries were for channels whose failure has an alert of its own. */
const known = ({ count, deliveries }: Extract<Alert, { as: 'dead' }>, broken: readonly string[]): boolean =>
  count === deliveries.length && deliveries.every(({ kind, to }) => kind === 'slack' && broken.includes(to));
