import { Low } from 'lowdb';
import { messageOf, OperatorError } from '../core/errors.ts';
import type { Team, TeamDocument } from '../core/team.ts';
import { EMPTY_TEAM } from '../core/team-changes.ts';
import type { Log } from '../runtime/log.ts';
import { createOneAtATime } from '../runtime/one-at-a-time.ts';
import { ChangedMeanwhile } from './adapter.ts';
import { filePlace, rowPlace, type SharedTeamRows, type TeamPlace } from './place.ts';
import type { TeamRows } from './row-adapter.ts';

export type OpenTeam = TeamDocument & {
  /** What is wrong with the document and what to do; undefined while all is well. Needs no `this`. */
  readonly problem: () => string | undefined;
  /** Stops watching for edits; resolves when a change under way is done. */
  [Symbol.asyncDispose](): Promise<void>;
};

/** Reads the document once; where it is broken, the version before the last change and what is wrong. */
export const readTeam = (file: string): Promise<ReadTeam> => readPlace(filePlace(file));

/** The same for a document in a database. */
export const readSharedTeam = (rows: TeamRows): Promise<ReadTeam> => readPlace(rowPlace(rows));

export type ReadTeam = { readonly team: Team; readonly problem: string | undefined };

const readPlace = async (place: TeamPlace): Promise<ReadTeam> => {
  const { team, problem } = await firstState(place);
  return { team, problem: problem && textOf(problem) };
};

/** What is wrong with the document and what to do, each in full sentences. */
type Trouble = { readonly what: string; readonly remedy: string };

/** How often a change is retried after concurrent changes before it fails. */
const MOST_TRIES = 20;

/**
 * Opens the team's document; where there is none, the first change creates it. An edit by hand takes effect within two
 * seconds, and at the latest before the next change. A file that can't be used is reported and never overwritten: the last
 * good state (at the start, the version before the last change) stays in effect, and changes are refused, until it is mended.
 * Rejects with an OperatorError where neither can be used: without the document, rules that the team has paused would send
 * mails. `interval` is the polling interval in milliseconds.
 */
export const openTeam = ({
  file,
  log,
  interval = 1000,
}: {
  readonly file: string;
  readonly log: Log;
  readonly interval?: number;
}): Promise<OpenTeam> => openPlace(filePlace(file), log, interval);

/**
 * The same for a document in a database: a change by any process takes effect in all of them, as soon as they are notified and
 * at the latest within two intervals.
 */
export const openSharedTeam = ({
  rows,
  log,
  interval = 1500,
}: {
  readonly rows: SharedTeamRows;
  readonly log: Log;
  readonly interval?: number;
}): Promise<OpenTeam> => openPlace(rowPlace(rows), log, interval);

const openPlace = async (place: TeamPlace, log: Log, interval: number): Promise<OpenTeam> => {
  const { name, adapter } = place;
  const first = await firstState(place);
  const low = new Low<Team>(adapter, first.team);
  let team = first.team;
  let problem = first.problem;
  if (problem) log.error(textOf(problem));

  const read = async (): Promise<void> => {
    try {
      await low.read();
    } catch (error) {
      const now = problemOf(error, 'the last good state stays');
      if (!problem || textOf(problem) !== textOf(now)) log.error(textOf(now));
      problem = now;
      return;
    }
    if (problem) log.info({ document: name }, "the team's document is in order again, and in effect");
    else if (low.data !== team)
      log[place.byHand ? 'info' : 'debug']({ document: name }, "the team's document was edited, and is in effect");
    problem = undefined;
    team = low.data;
  };

  const update = async (change: (team: Team) => Team): Promise<Team> => {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      if (!adapter.isSeen(await adapter.look())) await read();
      if (problem) throw new OperatorError(problem.what, { remedy: problem.remedy });
      const next = change(team);
      if (next === team) return team;
      try {
        low.data = next;
        await low.write();
        team = next;
        return team;
      } catch (error) {
        low.data = team;
        if (!(error instanceof ChangedMeanwhile)) throw error;
      }
    }
    throw new OperatorError(
      `The team's document ${name} is changed by somebody else all the time; nothing was changed.`,
      { remedy: place.remedyForMany },
    );
  };

  const oneAtATime = createOneAtATime();
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => oneAtATime(name, work);
  const watch = watching(interval, async (before) => {
    const look = await adapter.look();
    // Only once two looks found the same: editors truncate, rename and write in steps.
    if (look === before && !adapter.isSeen(look)) await inTurn(read);
    return look;
  });

  place.onChange?.(() => {
    void inTurn(read);
  });

  return {
    current: () => team,
    problem: () => problem && textOf(problem),
    update: (change) => inTurn(() => update(change)),
    async [Symbol.asyncDispose]() {
      await watch.stop();
      await inTurn(async () => {});
    },
  };
};

const firstState = async ({
  adapter,
  previous,
}: TeamPlace): Promise<{ readonly team: Team; readonly problem: Trouble | undefined }> => {
  try {
    return { team: (await adapter.read()) ?? EMPTY_TEAM, problem: undefined };
  } catch (broken) {
    if (!previous) throw broken;
    try {
      return { team: await previous.read(), problem: problemOf(broken, `${previous.name} is`) };
    } catch (error) {
      throw new OperatorError(`${messageOf(broken)} ${messageOf(error)}`, {
        remedy: `Mend the first. To begin anew, without any subscriptions and pauses, delete both.`,
        cause: broken,
      });
    }
  }
};

/** `stays` says what stays in effect, with its verb. */
const problemOf = (error: unknown, stays: string): Trouble => {
  const remedy = error instanceof OperatorError ? (error.remedy ?? '') : '';
  const meanwhile = `Until then ${stays} in effect, and nothing can be changed.`;
  return { what: messageOf(error), remedy: `${remedy} ${meanwhile}`.trim() };
};

const textOf = ({ what, remedy }: Trouble): string => `${what} ${remedy}`;

/** Polls; each look gets the result of the one before. */
const watching = (
  interval: number,
  look: (before: string | undefined) => Promise<string>,
): { stop(): Promise<void> } => {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let found: string | undefined;
  let looking = Promise.resolve();
  const later = (): void => {
    if (stopped) return;
    timer = setTimeout(() => {
      looking = look(found)
        .then((now) => {
          found = now;
        })
        .then(later);
    }, interval).unref();
  };
  later();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await looking;
    },
  };
};
