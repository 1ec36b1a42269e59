import type { SlackApiPost } from '../support/slack-api-methods.ts';

const STATES = ['New booking', 'Booking confirmed', 'Booking cancelled'];

/** Each booking has one card, which shows its newest state, and each of its states once in the thread. */
export const cardFaults = (
  posts: readonly SlackApiPost[],
  deliveries: readonly { webhookId: string; rule: string; together: string | null }[],
): string[] => {
  const ofCards = deliveries.filter(({ rule }) => rule === 'card');
  const bookings = Map.groupBy(ofCards, ({ webhookId }) => `bk_${webhookId.split('_')[1]}`);
  return [...bookings].flatMap(([booking, told]) => {
    // What was told with others in a summary is not on the card.
    if (told.length < STATES.length || told.some(({ together }) => together !== null)) return [];
    const cards = posts.filter(({ metadata }) => metadata?.event_payload.card === `booking:${booking}`);
    const [card] = cards;
    if (!card || cards.length > 1) return [`${booking} has ${cards.length} cards`];
    if (!card.text.includes('Booking cancelled')) return [`the card of ${booking} shows "${card.text}"`];
    const history = posts.filter(({ thread }) => thread === card.ts).flatMap(({ text }) => text.split('\n'));
    const counts = STATES.map((state) => history.filter((line) => line.includes(state)).length);
    return counts.every((count) => count === 1) ? [] : [`the card of ${booking} tells its states ${counts} times`];
  });
};

/** Among first arrivals, one booking's steps must come in the order in which they happened. */
export const outOfOrder = (
  deliveries: readonly { id: string; webhookId: string; rule: string }[],
  arrived: readonly string[],
  kind: string,
): string[] => {
  const known = new Map(deliveries.map((delivery) => [delivery.id, delivery]));
  const last = new Map<string, number>();
  return [...new Set(arrived)].flatMap((id) => {
    const { webhookId = '', rule = '' } = known.get(id) ?? {};
    const [, booking = '', step = ''] = webhookId.split('_');
    const told = `${booking} by ${rule}`;
    const before = last.get(told) ?? -1;
    last.set(told, Math.max(before, Number(step)));
    return Number(step) < before ? [`${kind}: step ${step} of booking ${booking} came after step ${before}`] : [];
  });
};
