import type { Adapter } from 'lowdb';
import { messageOf, OperatorError } from '../core/errors.ts';
import type { Team } from '../core/team.ts';
import { EMPTY_TEAM } from '../core/team-changes.ts';
import { parseTeam, teamText } from './shape.ts';
import { lookAtFile, MISSING, readFileWhole, replaceFile } from './synced-file.ts';

/** The file with the version before the last change: `team.previous.json` beside `team.json`. */
export const previousOf = (file: string): string => file.replace(/(\.[^./\\]*)?$/, '.previous$1');

/** Thrown by `write` where somebody else wrote since the last `read`: read again and apply the change to that. */
export class ChangedMeanwhile extends Error {}

/**
 * Stores the team's document, for lowdb, whose own adapters neither sync nor validate. `read` returns the same object for the
 * same content, and null where there is no document; it rejects with an OperatorError where there is one that can't be used.
 * `write` resolves once the document is durable; a file keeps its previous version beside it.
 */
export type TeamAdapter = Adapter<Team> & {
  /** A fingerprint that changes whenever the document does. */
  look(): Promise<string>;
  /** Whether this is the fingerprint of the document that was last read or written, even if it could not be used. */
  isSeen(look: string): boolean;
};

export const createTeamAdapter = (file: string): TeamAdapter => {
  const previous = previousOf(file);
  let seen: string | undefined;
  let known: { readonly text: string; readonly team: Team } | undefined;

  return {
    look: () => lookAtFile(file),
    isSeen: (look) => look === seen,
    async read() {
      const content = await readDocument(file);
      seen = content?.fingerprint ?? MISSING;
      if (!content) {
        if (!known && !(await readDocument(previous))) return null;
        throw unusable(file, 'it is gone');
      }
      const text = Buffer.from(content.bytes).toString();
      if (known?.text === text) return known.team;
      const parsed = parseTeam(content.bytes);
      if ('problem' in parsed) throw unusable(file, parsed.problem);
      known = { text, team: parsed.team };
      return parsed.team;
    },
    async write(team) {
      const text = writable(team);
      try {
        if (known) await replaceFile(previous, known.text);
        const fingerprint = await replaceFile(file, text, async () => (await lookAtFile(file)) === seen);
        if (fingerprint === null) throw new ChangedMeanwhile();
        // Its presence tells a deleted document from one that never was. Best effort: the change itself is made.
        if (!known) await replaceFile(previous, teamText(EMPTY_TEAM)).catch(() => null);
        known = { text, team };
        seen = fingerprint;
      } catch (error) {
        if (error instanceof ChangedMeanwhile) throw error;
        // It may have been replaced all the same, so it is read again.
        seen = undefined;
        throw new OperatorError(
          `The team's document ${file} can't be written (${messageOf(error)}); nothing was changed.`,
          {
            remedy: 'Make room, or give the bot the right to write there, and ask again.',
            cause: error,
          },
        );
      }
    },
  };
};

/** The document's text; throws an OperatorError where it could not be read again. */
export const writable = (team: Team): string => {
  const text = teamText(team);
  // A document that can't be read again would refuse all further changes.
  const parsed = parseTeam(Buffer.from(text));
  if ('team' in parsed) return text;
  throw new OperatorError(`That can't be kept in the team's document: ${parsed.problem}. Nothing was changed.`);
};

const readDocument = async (file: string): ReturnType<typeof readFileWhole> => {
  try {
    return await readFileWhole(file);
  } catch (error) {
    throw unusable(file, `it can't be read (${messageOf(error)})`);
  }
};

/** The document before the last change; rejects with an OperatorError where that is missing or can't be used either. */
export const readPrevious = async (file: string): Promise<Team> => {
  const previous = previousOf(file);
  const content = await readDocument(previous);
  if (!content) throw unusable(previous, 'it is not there');
  const parsed = parseTeam(content.bytes);
  if ('problem' in parsed) throw unusable(previous, parsed.problem);
  return parsed.team;
};

const unusable = (file: string, problem: string): OperatorError =>
  new OperatorError(`The team's document ${file} can't be used: ${problem}.`, {
    remedy: `Mend it, or put ${previousOf(file)}, its version from before the last change, in its place.`,
  });
