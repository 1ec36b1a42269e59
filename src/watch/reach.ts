import type { Trouble } from '../core/alert.ts';
import { reachTrouble } from './alert/troubles.ts';

/** Why Slack does not reach the bot, with what to do, and whether that lasts until somebody changes a setting. */
export type Cut = { readonly text: string; readonly lasting: boolean };

/** Milliseconds: a connection that is lost and made again, as at each deployment of Slack's, is no news. */
const PATIENCE = 120_000;

/** Tells, at each look, whether nobody can ask the bot in Slack: at once where that lasts, else once it has lasted. */
export const watchReach = (cut: () => Cut | undefined, now: () => number): (() => Trouble[]) => {
  let since: number | undefined;
  return () => {
    const found = cut();
    if (!found) {
      since = undefined;
      return [];
    }
    since ??= now();
    const told = found.lasting || now() - since >= PATIENCE;
    return told ? [reachTrouble(found.text, since)] : [];
  };
};
