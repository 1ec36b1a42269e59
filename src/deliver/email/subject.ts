import { headerText } from './address.ts';

/* `[Confirmed for Mon, Feb 15] Your booking: Fitting`: a tag, which is the news of this mail, and the root, its topic. */

const LONGEST_SUBJECT = 200;
/** Fits into a subject after the longest tag, so that a root is cut at the same place whatever its tag. */
const LONGEST_ROOT = 110;
const TAGGED = /^(\[[^[\]]{1,80}\]) ?(?=\S)(.+)$/u;

/** A subject as a header can hold it; '' where it has nothing to show. */
export const plainSubject = (text: string): string => headerText(text, LONGEST_SUBJECT);

/**
 * The subject of a mail that follows one with the subject `first`, or of a first one. Mail programs that thread by subject
 * ignore leading tags (RFC 5256 §2.1), so the root of the first mail is kept, even where a later one knows a better title.
 * That applies only where both have a tag and one root, up to its first colon, begins with the other: subjects that a team
 * wrote to a scheme of their own stay as they are.
 */
export const subjectAfter = (first: string | undefined, text: string): string => {
  const own = split(text);
  if (!own) return plainSubject(text);
  const before = first === undefined ? undefined : split(first);
  return `${own.tag} ${before && areOfOneMatter(before.root, own.root) ? before.root : own.root}`;
};

/** The name of a conversation that began with this subject. */
export const topicOf = (subject: string): string => split(subject)?.root ?? subject;

const split = (text: string): { readonly tag: string; readonly root: string } | undefined => {
  const [, tag, rest = ''] = TAGGED.exec(plainSubject(text)) ?? [];
  const root = headerText(rest, LONGEST_ROOT);
  return tag === undefined || root === '' ? undefined : { tag, root };
};

/** `Your booking: Fitting` shares its topic with `Your booking` and `Your booking with Anna`. */
const areOfOneMatter = (one: string, other: string): boolean => {
  const [short = '', long = ''] = [one, other].map((root) => root.replace(/ ?:.*$/u, '')).sort();
  return long === short || long.startsWith(`${short} `);
};
