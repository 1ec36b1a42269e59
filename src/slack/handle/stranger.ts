import type { AskerFacts } from './asker.ts';

/**
 * Whether somebody who pressed a button or submitted a dialog belongs to another workspace than the bot: in a channel shared
 * by two workspaces, members of both can. (Commands can only be typed where the app is installed.) `own` is the bot's
 * workspace; while that is unknown, the payload's has to do, although for a dialog it may be the asker's. Somebody for whom
 * Slack sends no workspace is no stranger.
 */
export const isStranger = ({ team }: Pick<AskerFacts, 'team'>, own: string | undefined): boolean => {
  const { ofUser, ofPayload } = team;
  const workspace = own ?? ofPayload;
  return ofUser !== undefined && workspace !== undefined && ofUser !== workspace;
};
