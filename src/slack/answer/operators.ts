import type { WebClient } from '@slack/web-api';
import type { Log } from '../../runtime/log.ts';
import { codeOf } from './code.ts';

/** Whether somebody may run an operator's command; if not, `who` says in mrkdwn who may. */
export type Permission = { readonly ok: true } | { readonly ok: false; readonly who: string };

export type Operators = {
  /** `user` is a member of the bot's workspace: others are turned away before (see isStranger). Never rejects. */
  allows(user: string): Promise<Permission>;
};

export type OperatorsDeps = {
  /** Ids of users (U…, W…) and user groups (S…); empty: everybody in the workspace. */
  readonly ids: readonly string[];
  readonly client: Pick<WebClient, 'usergroups'>;
  readonly now: () => number;
  readonly log: Log;
};

type Members = {
  readonly users: ReadonlySet<string>;
  /** When Slack was asked, in Unix milliseconds, and for how long that serves. */
  readonly at: number;
  readonly keep: number;
  readonly missingScope: boolean;
};

const KEPT = 5 * 60_000;
/** How soon to ask again after a failure: soon enough to notice a recovery, without asking at every command. */
const KEPT_AFTER_FAILURE = 15_000;

/**
 * Decides who may retry, rerun, subscribe and pause. The members of a user group are asked of Slack at most every five
 * minutes. While Slack can't be asked, the last known members count; a group that was never read counts as empty.
 */
export const createOperators = (deps: OperatorsDeps): Operators => {
  const { ids, client, now, log } = deps;
  const users = new Set(ids.filter((id) => !id.startsWith('S')));
  const groups = ids.filter((id) => id.startsWith('S'));
  const known = new Map<string, Members>();

  const membersOf = async (group: string): Promise<Members> => {
    const before = known.get(group);
    // An age below zero means that the clock was set back since.
    const age = before ? now() - before.at : -1;
    if (before && age >= 0 && age < before.keep) return before;
    const members = await ask(group, before?.users ?? new Set());
    known.set(group, members);
    return members;
  };

  const ask = async (group: string, before: ReadonlySet<string>): Promise<Members> => {
    try {
      const { users: members = [] } = await client.usergroups.users.list({ usergroup: group });
      return { users: new Set(members), at: now(), keep: KEPT, missingScope: false };
    } catch (error) {
      const code = codeOf(error);
      log.warn({ code, group }, 'Slack could not be asked who is in a user group; what it said last counts');
      return { users: before, at: now(), keep: KEPT_AFTER_FAILURE, missingScope: code === 'missing_scope' };
    }
  };

  return {
    async allows(user) {
      if (ids.length === 0 || users.has(user)) return { ok: true };
      const members = await Promise.all(groups.map(membersOf));
      if (members.some((group) => group.users.has(user))) return { ok: true };
      const who = listed([...[...users].map((id) => `<@${id}>`), ...groups.map((id) => `<!subteam^${id}>`)]);
      return { ok: false, who: members.some(({ missingScope }) => missingScope) ? `${who}${NO_SCOPE}` : who };
    },
  };
};

const NO_SCOPE =
  ' (who is in the group could not be looked up: the Slack app lacks the scope `usergroups:read`; add it under OAuth &amp; Permissions and install the app anew)';

const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
