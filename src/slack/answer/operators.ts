import type { WebClient } from '@slack/web-api';
import type { Log } from '../../runtime/log.ts';
import { codeOf } from './code.ts';

/** Whether somebody may have something done; where not, `who` says in mrkdwn who may. */
export type Permission = { readonly ok: true } | { readonly ok: false; readonly who: string };

export type Operators = {
  /** Of somebody who belongs to the bot's workspace: others are turned away before. */
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
  /** When Slack is asked again. */
  readonly until: number;
  readonly missingScope: boolean;
};

const FRESH = 5 * 60_000;
/** After Slack could not be asked: soon enough, and yet not at every command. */
const AGAIN = 15_000;

/**
 * Knows who may retry, run again, subscribe and pause. Who is in a user group is asked of Slack every five minutes at the
 * most; while Slack can't be asked, what it said last counts. What was never said counts as nobody.
 */
export const createOperators = (deps: OperatorsDeps): Operators => {
  const { ids, client, now, log } = deps;
  const users = new Set(ids.filter((id) => !id.startsWith('S')));
  const groups = ids.filter((id) => id.startsWith('S'));
  const known = new Map<string, Members>();

  const membersOf = async (group: string): Promise<Members> => {
    const before = known.get(group);
    if (before && now() < before.until) return before;
    const members = await ask(group, before?.users ?? new Set());
    known.set(group, members);
    return members;
  };

  const ask = async (group: string, before: ReadonlySet<string>): Promise<Members> => {
    try {
      const { users: members = [] } = await client.usergroups.users.list({ usergroup: group });
      return { users: new Set(members), until: now() + FRESH, missingScope: false };
    } catch (error) {
      const code = codeOf(error);
      log.warn({ code, group }, 'Slack could not be asked who is in a user group; what it said last counts');
      return { users: before, until: now() + AGAIN, missingScope: code === 'missing_scope' };
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
