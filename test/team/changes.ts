import type { Actor } from '../../src/core/actor.ts';
import type { Team } from '../../src/core/team.ts';
import { pauseRule } from '../../src/core/team-changes.ts';

/* Changes to test with; apart from the rest, since they are used in processes of their own too. */

export const ANNA: Actor = { id: 'U0ANNA', name: 'anna', via: 'slack' };
export const AT = '2027-01-15T10:30:00.000Z';

export const pausing =
  (rule: string) =>
  (team: Team): Team =>
    pauseRule(team, rule, ANNA, AT).team;

export const pausedIn = (team: Team): string[] => team.paused.map(({ rule }) => rule);
