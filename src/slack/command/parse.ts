import { nearest } from '../../core/suggest.ts';
import { parseSearch } from '../../query/search-syntax.ts';
import { COMMAND_NAMES, type CommandName, type Parsed } from './command.ts';
import { commandInfo, isCommandName } from './commands.ts';
import { parseSubscribe, parseUnsubscribe } from './subscription.ts';
import { bare, quoted, tidy, wordsOf } from './tidy.ts';

/** The time of the question in Unix milliseconds, and the time zone of days such as `today`. */
export type Asked = { readonly now: number; readonly timezone: string };

/**
 * Parses what was typed after /webkasa. Never throws: what makes no sense becomes a problem that says what to type instead,
 * and an empty text asks for help.
 */
export const parseCommand = (typed: string, asked: Asked): Parsed => {
  const text = tidy(typed)
    .replace(/^\/?webkasa(?= |$)/i, '')
    .trim();
  const [, first = '', rest = ''] = /^(\S*) ?(.*)$/s.exec(text) ?? [];
  const word = bare(first).toLowerCase();
  if (text === '' || HELP.has(first.toLowerCase())) return { command: { name: 'help', about: null } };
  return isCommandName(word) ? READERS[word](rest, asked) : unknown(text, word, rest, asked);
};

const HELP: ReadonlySet<string> = new Set(['?', '-h', '--help', '-help', 'h']);

type Reader = (rest: string, asked: Asked) => Parsed;

const READERS: Readonly<Record<CommandName, Reader>> = {
  search: (rest, asked) => readSearch(rest, asked),
  show: (rest, asked) => withId('show', rest, asked),
  why: (rest, asked) => withId('why', rest, asked),
  today: (rest) => alone('today', rest),
  upcoming: (rest) => alone('upcoming', rest),
  failed: (rest) => alone('failed', rest),
  retry: (rest, asked) => withId('retry', rest, asked),
  rerun: (rest, asked) => withId('rerun', rest, asked),
  subscribe: (rest) => parseSubscribe(rest),
  unsubscribe: (rest) => parseUnsubscribe(rest),
  rules: (rest) => alone('rules', rest),
  pause: (rest) => withRule('pause', rest),
  resume: (rest) => withRule('resume', rest),
  help: (rest) => readHelp(rest),
};

const readSearch: Reader = (rest, asked) => {
  const parsed = parseSearch(rest, asked);
  if ('problem' in parsed) {
    return problem('search', parsed.problem, parsed.meant === null ? null : `search ${parsed.meant}`);
  }
  return { command: { name: 'search', query: parsed.query, typed: rest } };
};

/** The search for a text, as it can be typed; null if it is no valid search. */
const lookFor = (text: string, asked: Asked): string | null => {
  const parsed = parseSearch(text, asked);
  const meant = 'query' in parsed ? text : parsed.meant;
  return meant === null ? null : `search ${meant}`;
};

const withId = (name: 'show' | 'why' | 'retry' | 'rerun', rest: string, asked: Asked): Parsed => {
  const ids = wordsOf(rest)
    .map(({ text }) => bare(text))
    .filter(Boolean);
  const [id] = ids;
  if (id === undefined) {
    const where = name === 'retry' ? 'failed lists what can be retried.' : 'search finds it by name or address.';
    return problem(name, `${name} needs an id, such as that of a booking: ${where}`);
  }
  if (ids.length === 1) return { command: { name, id: name === 'retry' && /^all$/i.test(id) ? 'all' : id } };
  return ids.every(isId)
    ? problem(name, `${name} takes one id at a time.`, `${name} ${id}`)
    : problem(name, `${name} takes an id, and ${quoted(rest)} is none: look for it first.`, lookFor(rest, asked));
};

const withRule = (name: 'pause' | 'resume', rest: string): Parsed => {
  const rules = wordsOf(rest)
    .map(({ text }) => bare(text))
    .filter(Boolean);
  const [rule] = rules;
  if (rule === undefined)
    return problem(name, `${name} needs the id of a rule or subscription: rules lists them.`, 'rules');
  if (rules.length > 1) return problem(name, `${name} takes one rule at a time.`, `${name} ${rule}`);
  return { command: { name, rule } };
};

const alone = (name: 'today' | 'upcoming' | 'failed' | 'rules', rest: string): Parsed =>
  bare(rest) === '' ? { command: { name } } : problem(name, `${name} takes nothing after it.`, name);

const readHelp = (rest: string): Parsed => {
  const about = bare(rest.split(' ')[0] ?? '').toLowerCase();
  if (about === '') return { command: { name: 'help', about: null } };
  if (isCommandName(about)) return { command: { name: 'help', about } };
  const near = nearest(about, COMMAND_NAMES);
  return { problem: `There is no command ${quoted(about)}.`, about: null, nearest: near ? `help ${near}` : 'help' };
};

/** Words that other programs use for these commands. */
const ALSO_CALLED = new Map<string, CommandName>([
  ['find', 'search'],
  ['look', 'search'],
  ['get', 'show'],
  ['view', 'show'],
  ['explain', 'why'],
  // Too short for `nearest` to match it.
  ['wyh', 'why'],
  ['next', 'upcoming'],
  ['tomorrow', 'upcoming'],
  ['agenda', 'upcoming'],
  ['errors', 'failed'],
  ['failures', 'failed'],
  ['resend', 'rerun'],
  ['replay', 'rerun'],
  ['follow', 'subscribe'],
  ['unfollow', 'unsubscribe'],
  ['list', 'rules'],
  ['subscriptions', 'rules'],
  ['mute', 'pause'],
  ['stop', 'pause'],
  ['unmute', 'resume'],
  ['unpause', 'resume'],
  ['continue', 'resume'],
]);

/** What is no command: an id alone, a misspelt command, or words to search for. */
const unknown = (text: string, word: string, rest: string, asked: Asked): Parsed => {
  const told = (what: string, next: string | null): Parsed => ({ problem: what, about: null, nearest: next });
  if (isId(bare(text))) return told('Say what to do with that id.', `show ${bare(text)}`);
  const meant = ALSO_CALLED.get(word) ?? (/[:@]/.test(text.split(' ')[0] ?? '') ? undefined : nearestCommand(word));
  if (meant === undefined) return told(`${quoted(text.split(' ')[0] ?? '')} is no command.`, lookFor(text, asked));
  const takesMore = commandInfo(meant).usage !== meant;
  return told(`There is no command ${quoted(word)}.`, takesMore && rest ? `${meant} ${rest}` : meant);
};

const nearestCommand = (word: string): CommandName | undefined => {
  const near = nearest(word, COMMAND_NAMES);
  return COMMAND_NAMES.find((name) => name === near);
};

/** Whether a word has the form of an id: `bk_xyz789`, `wh_evt_1`, `dl_…`. */
const isId = (word: string): boolean => /^[a-z]{2,12}_[\w-]+$/i.test(word);

const problem = (about: CommandName, text: string, next: string | null = null): Parsed => ({
  problem: text,
  about,
  nearest: next,
});
