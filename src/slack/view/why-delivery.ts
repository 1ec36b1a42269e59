import type { AttemptStory, DeliveryStory } from '../../query/delivery-story.ts';
import { endOf, foldTries, type Tries } from '../../query/fold-tries.ts';
import { cameToWords, leftOut, OUTCOMES } from '../../query/words.ts';
import { actorName } from './actor.ts';
import type { SlackLook } from './answer.ts';
import { namingChannel } from './channel.ts';
import { deliveryTo, MARKS } from './delivery.ts';
import { moment, momentNear } from './times.ts';
import { code, said } from './words.ts';

/** An em space, which unlike a space Slack keeps at the start of a line. */
const IN = '\u2003';

/** A delivery and its attempts as lines of `why`; times close to `near` are written without their date. */
export const deliveryLines = (delivery: DeliveryStory, near: Date, look: SlackLook): string[] => {
  const { attempts, rerunBy, together } = delivery;
  const head = `${IN}${MARKS[delivery.status]} ${deliveryTo(delivery)}: ${standing(delivery)}`;
  const by = rerunBy === null ? '' : ` · run again by ${actorName(rerunBy)}`;
  return [
    `${head}${by}`,
    ...foldTries(attempts).map((tries) => `${IN}${IN}${namingChannel(triesText(tries, near, look), delivery.to)}`),
    ...(together === null ? [] : [`${IN}${IN}told together with others: ${code(`/webkasa show ${together}`)}`]),
    ...cameTo(delivery).map((line) => `${IN}${IN}${line}`),
    ...nextStep(delivery, near, look).map((line) => `${IN}${IN}${line}`),
  ];
};

/** For a delivery to everyone registered: what its mails came to, as counts. */
const cameTo = ({ id, cameTo: counts }: DeliveryStory): string[] => {
  if (!counts) return [];
  const failed = counts.dead === 0 ? '' : `; after mending the cause ${code(`/webkasa retry ${id}`)}`;
  return [`→ ${cameToWords(counts)}${failed}`];
};

const standing = ({ status, tries, supersededBy, attempts }: DeliveryStory): string => {
  switch (status) {
    case 'done':
      return 'done';
    case 'running':
      return 'under way';
    case 'pending':
      return attempts.length === 0 ? 'waits for its turn' : 'waits for another try';
    case 'dead':
      return tries > 1 ? `failed for good after ${tries} tries` : 'failed for good';
    case 'superseded':
      return supersededBy === null
        ? leftOut(attempts)
        : `left out, since something newer was told: ${code(supersededBy)}`;
    default:
      return status satisfies never;
  }
};

const triesText = ({ first, last, count }: Tries, near: Date, look: SlackLook): string => {
  const from = momentNear(endOf(first), near, look);
  if (count === 1) return `${from} ${attemptText(last)}`;
  return `${from} to ${momentNear(endOf(last), near, look)} ${count} tries ${attemptText(last)}`;
};

const attemptText = ({ outcome, code: reason, message }: AttemptStory): string => {
  if (outcome === 'done') return said(message, 300) || 'done';
  const words = reason === null ? OUTCOMES[outcome] : `${OUTCOMES[outcome]} (${said(reason)})`;
  return message ? `${words}: ${said(message, 300)}` : words;
};

const nextStep = (
  { id, status, paused, heldUntil, nextTryAt, attempts }: DeliveryStory,
  near: Date,
  look: SlackLook,
): string[] => {
  if (status === 'dead') return [`→ mend what it says, then ${code(`/webkasa retry ${id}`)}`];
  if (paused) {
    return [
      `⏸️ paused until ${moment(paused.until, look)}: ${said(paused.message, 300)}`,
      `→ ${code(`/webkasa retry ${id}`)} lifts the pause`,
    ];
  }
  if (heldUntil) return [`→ held until ${momentNear(heldUntil, near, look)}, in case something newer comes`];
  return nextTryAt && attempts.length > 0
    ? [`→ next try at ${momentNear(nextTryAt, near, look)}; sooner with ${code(`/webkasa retry ${id}`)}`]
    : [];
};
