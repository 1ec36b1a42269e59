import type { Trouble } from '../core/alert.ts';
import { reachTrouble } from './alert/troubles.ts';

/** Why Slack can't reach the bot and what to do; `lasting` if it stays so until somebody changes a setting. */
export type Cut = { readonly text: string; readonly lasting: boolean };

/** Milliseconds. A connection that is lost and restored, as with each deployment at Slack, is not worth an alert. */
const PATIENCE = 120_000;

/** Reports whether nobody can ask the bot in Slack: a lasting cause at once, any other after two minutes. */
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
