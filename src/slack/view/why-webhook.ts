import type { Elsewhere, RuleStory, WebhookStory } from '../../query/why.ts';
import { span } from '../../query/words.ts';
import { LIMITS } from '../../template/slack-schema.ts';
import type { SlackLook } from './answer.ts';
import { section } from './blocks.ts';
import type { Row } from './message.ts';
import { moment, momentNear, startBrief } from './times.ts';
import { deliveryLines } from './why-delivery.ts';
import { bold, code, exact, joined, said } from './words.ts';

/** The length of a section, less some room for the line that says that the story continues. */
const MOST = LIMITS.section - 300;

/** What became of a webhook, in as many sections as it takes. `timezone` is its resource's. */
export const webhookRows = (webhook: WebhookStory, timezone: string | null, look: SlackLook): Row[] => {
  const head = joined(bold(said(webhook.type)), moment(webhook.receivedAt, look), code(webhook.id));
  const pieces = inPieces([...circumstances(webhook, timezone, look), ...ruleLines(webhook, look)], MOST - head.length);
  return pieces.map((lines, index) => section([index === 0 ? head : `${head} · continued`, ...lines]));
};

/** A delivery to this registration that was planned by a webhook of its event. */
export const elsewhereRows = ({ at, webhook, delivery }: Elsewhere, look: SlackLook): Row[] => {
  const head = joined(bold(said(webhook.type)), moment(at, look), code(webhook.id));
  const lines = [`▸ of its event, by rule ${bold(said(delivery.rule))}`, ...deliveryLines(delivery, at, look)];
  return inPieces(lines, MOST - head.length).map((piece, index) =>
    section([index === 0 ? head : `${head} · continued`, ...piece]),
  );
};

const inPieces = (lines: readonly string[], most: number): string[][] => {
  const pieces: string[][] = [[]];
  let length = 0;
  for (const line of lines) {
    if (length + line.length + 1 > most && length > 0) {
      pieces.push([]);
      length = 0;
    }
    pieces.at(-1)?.push(line);
    length += line.length + 1;
  }
  return pieces;
};

const circumstances = (webhook: WebhookStory, timezone: string | null, look: SlackLook): string[] => [
  ...created(webhook, look),
  ...webhook.oddities.map((oddity) => `⚠️ odd: ${said(oddity, 300)}`),
  ...(webhook.behind === null
    ? []
    : [`⚠️ late: ${code(webhook.behind)} is newer and was here before it, so the state stayed as it was`]),
  ...moved(webhook, timezone, look),
];

/** From this many milliseconds on, the delay of a webhook is worth mentioning. */
const LATE = 5_000;

const created = ({ createdAt, receivedAt }: WebhookStory, look: SlackLook): string[] => {
  if (!createdAt) return [];
  const ahead = receivedAt.getTime() - createdAt.getTime();
  if (Math.abs(ahead) < LATE) return [];
  const when = momentNear(createdAt, receivedAt, look);
  return ahead > 0
    ? [`created by WebKasa at ${when}, received ${span(ahead)} later`]
    : [`created by WebKasa at ${when}, ${span(-ahead)} after it was received: the clocks differ`];
};

const moved = ({ moved: move }: WebhookStory, timezone: string | null, look: SlackLook): string[] => {
  if (move === null) return [];
  const to = move.to === null ? '' : ` to ${startBrief({ start: move.to, timezone }, look)}`;
  return [`↷ moved from ${startBrief({ start: move.from, timezone }, look)}${to}`];
};

const ruleLines = (webhook: WebhookStory, look: SlackLook): string[] => {
  if (webhook.decidedAt === null) return ['… waits for the rules: they are applied as soon as the bot gets to it'];
  if (webhook.rules.length === 0) return ['– there were no rules'];
  const others = webhook.rules.filter(waitsForAnotherType);
  return [
    ...webhook.rules.filter((rule) => !waitsForAnotherType(rule)).flatMap((rule) => ruleText(rule, webhook, look)),
    ...forOtherTypes(others),
  ];
};

const waitsForAnotherType = ({ reasons, deliveries }: RuleStory): boolean =>
  deliveries.length === 0 && reasons.length > 0 && reasons.every(({ code: reason }) => reason === 'other_type');

const NAMED = 12;

const forOtherTypes = (rules: readonly RuleStory[]): string[] => {
  if (rules.length === 0) return [];
  const names = rules.slice(0, NAMED).map(({ rule }) => said(rule));
  const rest = rules.length > NAMED ? ` and ${rules.length - NAMED} more` : '';
  return [
    rules.length === 1
      ? `– rule ${names.join()} is for other types`
      : `– ${rules.length} rules are for other types: ${names.join(', ')}${rest}`,
  ];
};

const ruleText = ({ rule, reasons, deliveries }: RuleStory, webhook: WebhookStory, look: SlackLook): string[] => [
  deliveries.length > 0 ? `▸ rule ${bold(said(rule))}` : `– rule ${bold(said(rule))}: nothing planned`,
  ...reasons.map(({ text }) => `\u2003because ${exact(text, 300)}`),
  ...deliveries.flatMap((delivery) => deliveryLines(delivery, webhook.receivedAt, look)),
];
