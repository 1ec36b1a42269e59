import { z } from 'zod';
import { isChannelName } from './core/slack-id.ts';

/* The forms that the values of settings take; each schema names its one problem in words that follow the setting's name. */

/** A whole number within these bounds, with one problem whichever way it is none. */
export const wholeNumber = (least: number, most: number, problem: string) =>
  z.coerce
    .number({ error: problem })
    .refine((number) => Number.isInteger(number) && number >= least && number <= most, problem);

/** What goes into a header: blanks and letters beyond ASCII in it are a slip of whoever pasted it. */
export const token = (prefix: string, what: string, begins = prefix) =>
  z
    .string()
    .regex(new RegExp(`^${prefix}[\\x21-\\x7e]*$`), `is not ${what}: those begin with ${begins} and hold no blanks`);

/** A URL of one of these protocols. */
export const url = (protocols: RegExp, example: string) =>
  z.url({ protocol: protocols, error: `is not a URL like ${example}` });

/** Ids of channels and people have the form of a name too. */
export const channel = () =>
  z
    .string()
    .trim()
    .refine(isChannelName, 'is no channel: write a name like "#bookings", in quotes, or an id like C0123ABCD');

/** What stands between commas, without blanks and what is empty. */
export const listOf = (text = ''): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean);

/** At least one: a list that comes out empty would mean everybody. */
export const areSlackIds = (text: string): boolean => {
  const ids = listOf(text);
  return ids.length > 0 && ids.every((id) => /^[UWS][A-Z0-9]+$/.test(id));
};

/** A BCP 47 tag. */
export const isLocale = (name: string): boolean => {
  try {
    return Intl.getCanonicalLocales(name).length > 0;
  } catch {
    return false;
  }
};

/** At least one, and each as parseMailbox() reads it: alerts to any other would go nowhere without a word. */
export const areMailboxes = (text: string): boolean => {
  const address = String.raw`[^\s"(),:;<>@[\\\]]+@[^\s"(),:;<>@[\\\]]+`;
  const mailbox = new RegExp(`^(?:[^<>@]*<${address}>|${address})$`);
  const mailboxes = listOf(text);
  return mailboxes.length > 0 && mailboxes.every((each) => mailbox.test(each));
};

/** Whether there is a mail address in it; whether it is one alone is looked at where mails are made. */
export const hasAddress = (text: string): boolean => /[^\s<>"@]+@[^\s<>"@]+/.test(text);
