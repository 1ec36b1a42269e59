import { COMMAND_NAMES, type CommandName } from './command.ts';

/** A command as `help` describes it; plain text, without the `/webkasa` in front. */
export type CommandInfo = {
  readonly name: CommandName;
  readonly usage: string;
  /** What it does, in one line. */
  readonly does: string;
  /** Examples that can be typed as they stand. */
  readonly examples: readonly string[];
  /** Further notes, one line each. */
  readonly notes: readonly string[];
  /** Who may use it; `operators` are those of SLACK_OPERATORS. */
  readonly who: 'everybody' | 'operators';
};

const INFO: Readonly<Record<CommandName, Omit<CommandInfo, 'name'>>> = {
  search: {
    usage: 'search WORDS [status:… schedule:… type:… after:… before:…]',
    does: 'Finds bookings, events and registrations by name, address, title or id.',
    examples: ['search john', 'search open day status:published', 'search status:pending after:today before:next-week'],
    notes: [
      'Every word has to be somewhere; parts of words count, upper and lower case and accents do not.',
      'after: and before: take a date (2027-02-15), today, tomorrow, yesterday, this-week or next-week.',
    ],
    who: 'everybody',
  },
  show: {
    usage: 'show ID',
    does: 'Shows what is known of a booking, event or registration, and what was sent.',
    examples: ['show bk_xyz789'],
    notes: ['The id of a webhook (wh_evt_…), a delivery (dl_…) or a summary (sum_…) works too.'],
    who: 'everybody',
  },
  why: {
    usage: 'why ID',
    does: 'Tells the whole story: what arrived, what each rule decided and why, and each attempt to tell somebody.',
    examples: ['why bk_xyz789'],
    notes: ['The id of a webhook (wh_evt_…) or a delivery (dl_…) works too.'],
    who: 'everybody',
  },
  today: {
    usage: 'today',
    does: 'What takes place today.',
    examples: ['today'],
    notes: [],
    who: 'everybody',
  },
  upcoming: {
    usage: 'upcoming',
    does: 'What takes place in the next seven days.',
    examples: ['upcoming'],
    notes: [],
    who: 'everybody',
  },
  failed: {
    usage: 'failed',
    does: 'What did not reach anybody, by cause, with a button to try again.',
    examples: ['failed'],
    notes: [],
    who: 'everybody',
  },
  retry: {
    usage: 'retry ID',
    does: 'Tries again what did not succeed; what has reached somebody is left alone.',
    examples: ['retry bk_xyz789', 'retry all'],
    notes: [
      'The id of a webhook (wh_evt_…) or a delivery (dl_…) works too.',
      'Where mail, Slack or sheets are paused as a whole, it lifts the pause.',
    ],
    who: 'operators',
  },
  rerun: {
    usage: 'rerun ID',
    does: "Runs the newest webhook again under today's rules, after showing what that would do.",
    examples: ['rerun bk_xyz789'],
    notes: ['Nothing goes to the attendee unless you tick it.'],
    who: 'operators',
  },
  subscribe: {
    usage: 'subscribe TYPES [where FIELD:VALUE …]',
    does: 'Tells this channel of webhooks of these types.',
    examples: [
      'subscribe booking',
      'subscribe booking.created registration.created where schedule:sch_1',
      'subscribe event registration where -event:evt_1',
    ],
    notes: [
      'TYPES: booking, event, registration, one of them such as booking.cancelled, or * for all.',
      'FIELD: schedule, event, status, email, name, title, id, or any data field such as data.guest_count.',
      'A minus in front leaves out: -schedule:sch_1 is everything but that schedule.',
    ],
    who: 'operators',
  },
  unsubscribe: {
    usage: 'unsubscribe [ID | TYPES | all]',
    does: 'Ends a subscription of this channel.',
    examples: ['unsubscribe booking', 'unsubscribe all', 'unsubscribe'],
    notes: ['The ids (sub_…) are in the answer to rules; with an id it works from any channel.'],
    who: 'operators',
  },
  rules: {
    usage: 'rules',
    does: 'Lists the rules of the rules file and the subscriptions, with who made them and what is paused or broken.',
    examples: ['rules'],
    notes: [],
    who: 'everybody',
  },
  pause: {
    usage: 'pause RULE',
    does: 'Lets a rule or subscription plan nothing until it is resumed.',
    examples: ['pause mail-booking-created'],
    notes: ['What arrives meanwhile is kept, and why says that the rule was paused; rerun makes up for it.'],
    who: 'operators',
  },
  resume: {
    usage: 'resume RULE',
    does: 'Lets a paused rule or subscription go on.',
    examples: ['resume mail-booking-created'],
    notes: [],
    who: 'operators',
  },
  help: {
    usage: 'help [COMMAND]',
    does: 'Shows all commands, or one in detail.',
    examples: ['help', 'help subscribe'],
    notes: [],
    who: 'everybody',
  },
};

/** The descriptions of all commands, in the order in which `help` lists them. */
export const COMMANDS: readonly CommandInfo[] = COMMAND_NAMES.map((name) => ({ name, ...INFO[name] }));

export const isCommandName = (word: string): word is CommandName => (COMMAND_NAMES as readonly string[]).includes(word);

export const commandInfo = (name: CommandName): CommandInfo => ({ name, ...INFO[name] });
