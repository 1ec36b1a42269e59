import { oneOf } from './seed.ts';

/** One webhook of the model, with what the rules of rules.ts have to make of it. */
export type Told = {
  readonly id: string;
  /** The booking or registration. */
  readonly about: string;
  /** Its place among the webhooks of that: the newest has the highest. */
  readonly step: number;
  /** The ids of the rules that must plan a delivery. */
  readonly rules: readonly string[];
  readonly body: string;
};

/** What is in a mix of webhooks: how many out of a hundred lives are told to Slack too. */
export type Mix = {
  /** Lives of which each step becomes a message of its own, and over how many channels. */
  readonly posts: number;
  readonly postChannels: number;
  /** Lives that have a card and a row that is kept up to date: Slack takes some fifty updates a minute. */
  readonly cards: number;
  readonly cardChannels: number;
};

/** What a step's text says, so that a card or a thread shows of which step it tells. */
export const stepMark = (step: number): string => `as of step ${step}`;

/** The steps of a booking or a registration, from its creation on, in the order in which they happen. */
export const aLife = (n: number, mix: Mix, random: () => number): Told[] =>
  random() < 0.2 ? aRegistration(n, random) : aBooking(n, mix, random);

const LIVES = [
  ['created', 'confirmed'],
  ['created', 'confirmed', 'moved', 'cancelled'],
  ['created', 'confirmed', 'moved', 'completed'],
  ['created', 'confirmed', 'cancelled'],
  ['created', 'cancelled'],
] as const;

const aBooking = (n: number, mix: Mix, random: () => number): Told[] => {
  const posted = random() * 100 < mix.posts;
  const onCard = random() * 100 < mix.cards;
  const rules = ['mail', ...(posted ? ['post'] : []), ...(onCard ? ['card', 'state'] : []), 'row'];
  return oneOf(LIVES, random).map((verb, step, life) => {
    // WebKasa has no type for it: a booking was moved where a later webhook names another time.
    const hour = life.slice(0, step + 1).some((each) => each === 'moved') ? 12 : 10;
    const kind = verb === 'moved' ? 'confirmed' : verb;
    const data = {
      id: `bk_${n}`,
      schedule_id: `sch_${n % 10}`,
      start_time: `2099-02-15T${hour}:00:00Z`,
      end_time: `2099-02-15T${hour + 1}:00:00Z`,
      status: kind === 'created' ? 'PENDING' : kind.toUpperCase(),
      attendee_name: `Guest ${n} ${stepMark(step)}`,
      attendee_email: `guest.${n}@guest.example`,
      step,
      ...(posted && { post: n % mix.postChannels }),
      ...(onCard && { card: n % mix.cardChannels }),
    };
    return told(n, step, `booking.${kind}`, data, rules);
  });
};

const aRegistration = (n: number, random: () => number): Told[] =>
  (random() < 0.4 ? ['created', 'cancelled'] : ['created']).map((verb, step) => {
    const data = {
      id: `reg_${n}`,
      event_id: `evt_${n % 50}`,
      attendee_name: `Guest ${n} ${stepMark(step)}`,
      attendee_email: `guest.${n}@guest.example`,
      guest_count: 1,
      status: verb === 'created' ? 'confirmed' : 'cancelled',
      step,
    };
    return told(n, step, `registration.${verb}`, data, ['mail-registration', 'row']);
  });

const told = (n: number, step: number, type: string, data: { readonly id: string }, rules: readonly string[]): Told => {
  const id = `wh_${n}_${step}`;
  const created_at = new Date(Date.UTC(2027, 0, 15, 10, step)).toISOString();
  return { id, about: data.id, step, rules, body: JSON.stringify({ id, type, created_at, data }) };
};
