import { stepMark } from '../stories.ts';
import { about, type Case, type Finding } from './case.ts';
import type { Delivery } from './evidence.ts';

/** Each booking has one card, which shows its newest state, and in its thread each of its states once. */
export const auditCards = ({ posts, deliveries, accepted }: Case): Finding[] => {
  const ofCards = deliveries.filter(({ rule }) => rule === 'card');
  const bookings = Map.groupBy(ofCards, ({ webhookId }) => accepted.get(webhookId)?.about ?? '');
  const cards = Map.groupBy(posts, ({ metadata }) => metadata?.event_payload.card);
  const threads = Map.groupBy(posts, ({ thread }) => thread);
  const faults = [...bookings].flatMap(([booking, all]) => {
    // What was told with others in a summary is not on the card.
    if (all.some(({ together }) => together !== null)) return [];
    const steps = all.map(({ webhookId }) => accepted.get(webhookId)?.step ?? 0);
    const told = all
      .filter(({ status }) => status === 'done')
      .map(({ webhookId }) => accepted.get(webhookId)?.step ?? 0);
    const found = cards.get(`booking:${booking}`) ?? [];
    const [card] = found;
    if (!card || found.length > 1) return [`${booking} has ${found.length} cards`];
    if (!showsStep(card.text, Math.max(...steps))) return [`the card of ${booking} shows "${card.text}"`];
    // The first state is told in the thread once there is a second.
    if (told.length < 2) return [];
    const lines = (threads.get(card.ts) ?? []).flatMap(({ text }) => text.split('\n'));
    const wrong = told.filter((step) => lines.filter((line) => showsStep(line, step)).length !== 1);
    return wrong.map((step) => `the thread of ${booking} does not tell step ${step} once`);
  });
  return about('cards show the newest state, and their threads each state once', faults);
};

/**
 * Whether what a delivery had to say can be read on its booking's card or below: where an attempt broke off, whoever came next
 * may have said it in a reply of its own.
 */
export const readsOnCards = ({ posts, accepted }: Case): ((delivery: Delivery) => boolean) => {
  const cards = Map.groupBy(posts, ({ metadata }) => metadata?.event_payload.card);
  const threads = Map.groupBy(posts, ({ thread }) => thread);
  return ({ webhookId }) => {
    const told = accepted.get(webhookId);
    if (!told) return false;
    const found = cards.get(`booking:${told.about}`) ?? [];
    return found.some((card) => [card, ...(threads.get(card.ts) ?? [])].some(({ text }) => showsStep(text, told.step)));
  };
};

const showsStep = (text: string, step: number): boolean => new RegExp(`${stepMark(step)}\\b`).test(text);
