import { headerText } from './address.ts';

/* `[Confirmed for Mon, Feb 15] Your booking: Fitting`: a tag, which is this mail's news, and the root, which is its matter. */

const LONGEST_SUBJECT = 200;
/** Shorter than what a subject may have after the longest tag, so that no tag decides where a root is cut. */
const LONGEST_ROOT = 110;
const TAGGED = /^(\[[^[\]]{1,80}\]) ?(?=\S)(.+)$/u;

/** A subject as a header can hold it; '' where it has nothing to show. */
export const plainSubject = (text: string): string => headerText(text, LONGEST_SUBJECT);

/**
 * The subject of a mail that follows one with the subject `first`, or of a first one. Mail programs that look at subjects
 * keep mails together that differ in nothing but leading tags (RFC 5256 §2.1), so the root stays that of the first mail,
 * whatever has come to be known of its matter since. Only where both have a tag and begin with the same words, those of
 * one up to its first colon: who writes subjects to a plan of their own would find them changed otherwise.
 */
export const subjectAfter = (first: string | undefined, text: string): string => {
  const own = split(text);
  if (!own) return plainSubject(text);
  const before = first === undefined ? undefined : split(first);
  return `${own.tag} ${before && areOfOneMatter(before.root, own.root) ? before.root : own.root}`;
};

/** What a conversation is called that began with this subject. */
export const topicOf = (subject: string): string => split(subject)?.root ?? subject;

const split = (text: string): { readonly tag: string; readonly root: string } | undefined => {
  const [, tag, rest = ''] = TAGGED.exec(plainSubject(text)) ?? [];
  const root = headerText(rest, LONGEST_ROOT);
  return tag === undefined || root === '' ? undefined : { tag, root };
};

/** `Your booking: Fitting` is of one matter with `Your booking` and `Your booking with Anna`. */
const areOfOneMatter = (one: string, other: string): boolean => {
  const [short = '', long = ''] = [one, other].map((root) => root.replace(/ ?:.*$/u, '')).sort();
  return long === short || long.startsWith(`${short} `);
};
