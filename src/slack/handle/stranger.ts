import type { AskerFacts } from './asker.ts';

/**
 * Whether somebody is of another workspace than the bot: in a channel that two workspaces share, the people of both can
 * press its buttons. `own` is what Slack told of the bot. Until it did, the workspace of the payload has to do, which for
 * a dialog may be the asker's.
 */
export const isStranger = ({ team }: Pick<AskerFacts, 'team'>, own: string | undefined): boolean => {
  const { ofUser = team.ofPayload, ofPayload } = team;
  const workspace = own ?? ofPayload;
  return workspace !== undefined && ofUser !== workspace;
};
