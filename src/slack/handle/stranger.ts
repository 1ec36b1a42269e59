import type { AskerFacts } from './asker.ts';

/**
 * Whether somebody who pressed a button or sent a dialog is of another workspace than the bot: in a channel that two
 * workspaces share, the people of both can. (Commands can only be typed where the app is installed.) `own` is what Slack
 * told of the bot; until it did, the workspace of the payload has to do, which for a dialog may be the asker's. Of whom
 * Slack tells no workspace is not of another one.
 */
export const isStranger = ({ team }: Pick<AskerFacts, 'team'>, own: string | undefined): boolean => {
  const { ofUser, ofPayload } = team;
  const workspace = own ?? ofPayload;
  return ofUser !== undefined && workspace !== undefined && ofUser !== workspace;
};
