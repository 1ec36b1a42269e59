import type { AttemptStory, DeliveryStory } from '../delivery-story.ts';
import { endOf, foldTries, type Tries } from '../fold-tries.ts';
import { cameToWords, leftOut, OUTCOMES } from '../words.ts';
import { wrap } from './fit.ts';
import { CLI, type Look } from './look.ts';
import type { Colour } from './paint.ts';
import { naming, recipient } from './recipient.ts';
import { visible } from './visible.ts';

/** How a delivery stands, at a glance. */
export const MARKS: Readonly<Record<DeliveryStory['status'], readonly [mark: string, colour: Colour]>> = {
  done: ['✓', 'green'],
  pending: ['…', 'yellow'],
  running: ['…', 'yellow'],
  dead: ['✗', 'red'],
  superseded: ['–', 'dim'],
};

/** A delivery and its attempts, as lines of `why`. Times on the day of `near` are written without their date. */
export const deliveryText = (delivery: DeliveryStory, near: Date, look: Look): string[] => {
  const { paint, width } = look;
  const [mark, colour] = MARKS[delivery.status];
  const again = delivery.rerunBy ? `, run again by ${visible(delivery.rerunBy.name)}` : '';
  const head = `    ${paint(colour, mark)} ${delivery.kind} ${visible(recipient(delivery, look))}${again}: ${paint(colour, standing(delivery))}`;
  const tries = foldTries(delivery.attempts).map((each) =>
    wrap(`        ${naming(triesText(each, near, look), delivery.to, look)}`, width, 10),
  );
  const next = nextStep(delivery, near, look);
  const rest = [...cameTo(delivery, look), ...next];
  return [wrap(head, width, 8), ...tries, ...rest.map((line) => wrap(`        ${line}`, width, 10))];
};

/** Child deliveries as one line of counts; those that died follow as deliveries of their own. */
const cameTo = ({ id, cameTo: counts }: DeliveryStory, { paint }: Look): string[] => {
  if (!counts) return [];
  const failed = counts.dead === 0 ? '' : `; after mending the cause: ${CLI} retry ${visible(id)}`;
  return [`${paint('cyan', '→')} ${cameToWords(counts)}${failed}`];
};

const standing = ({ status, tries, supersededBy, together, attempts }: DeliveryStory): string => {
  switch (status) {
    case 'done':
      return together === null ? 'done' : `done, in the summary ${visible(together)}`;
    case 'running':
      return 'under way';
    case 'pending':
      return attempts.length === 0 ? 'waits for its turn' : 'waits for another try';
    case 'dead':
      return tries > 1 ? `dead after ${tries} tries` : 'dead';
    case 'superseded':
      return supersededBy === null
        ? leftOut(attempts)
        : `left out, since something newer was told: ${visible(supersededBy)}`;
    default:
      return status satisfies never;
  }
};

const triesText = ({ first, last, count }: Tries, near: Date, { times }: Look): string => {
  const from = times.near(endOf(first), near);
  if (count === 1) return `${from}  ${attemptText(last)}`;
  return `${from} to ${times.near(endOf(last), near)}  ${count} tries ${attemptText(last)}`;
};

const attemptText = ({ outcome, code, message }: AttemptStory): string => {
  const words = code === null ? OUTCOMES[outcome] : `${OUTCOMES[outcome]} (${visible(code)})`;
  return message ? `${words}: ${visible(message)}` : words;
};

const nextStep = (
  { id, status, paused, heldUntil, nextTryAt, attempts }: DeliveryStory,
  near: Date,
  look: Look,
): string[] => {
  const { paint, times } = look;
  if (status === 'dead') return [`${paint('cyan', '→')} mend what it says, then: ${CLI} retry ${visible(id)}`];
  if (paused)
    return [
      `${paint('cyan', '→')} paused until ${times.near(paused.until, near)}: ${visible(paused.message)}`,
      `  sooner, lifting the pause: ${CLI} retry ${visible(id)}`,
    ];
  if (heldUntil)
    return [`${paint('cyan', '→')} held until ${times.near(heldUntil, near)}, in case something newer comes`];
  return nextTryAt && attempts.length > 0
    ? [`${paint('cyan', '→')} next try at ${times.near(nextTryAt, near)}; sooner: ${CLI} retry ${visible(id)}`]
    : [];
};
