import type { Elsewhere, RuleStory, WebhookStory, WhyAnswer } from '../why.ts';
import { span } from '../words.ts';
import { actText } from './act.ts';
import { deliveryText } from './delivery.ts';
import { wrap } from './fit.ts';
import type { Look } from './look.ts';
import { notFoundText } from './not-found.ts';
import { resourceHeading, zoneLine } from './resource.ts';
import { visible } from './visible.ts';

export const whyText = (answer: WhyAnswer, look: Look): string => {
  if (!answer.found) return notFoundText(answer.id, answer.rejections, look);
  const heads = answer.resources.map((resource) => resourceHeading(resource, look));
  return [...heads, zoneLine(look), ...timeline(answer, look).map((entry) => `\n${entry}`)].join('');
};

/** Webhooks in order of arrival, interleaved with what people did and with deliveries caused by the event's webhooks. */
const timeline = ({ webhooks, acts, elsewhere }: WhyAnswer, look: Look): string[] => {
  const others: Other[] = [
    ...acts.map((act) => ({ at: act.at.getTime(), text: actText(act, look), joins: true })),
    ...elsewhere.map((each) => ({ at: each.at.getTime(), text: elsewhereText(each, look), joins: false })),
  ].sort((one, other) => one.at - other.at);
  const between = (from: number, until: number): string[] =>
    joined(others.filter(({ at }) => at >= from && at < until));
  // If the clock was set back, webhooks keep their order of arrival, and acts follow the last webhook with an earlier time.
  const places = webhooks.map((_, index) => Math.max(...webhooks.slice(0, index + 1).map(timeOf)));
  return [
    ...between(Number.NEGATIVE_INFINITY, places[0] ?? Number.POSITIVE_INFINITY),
    ...webhooks.flatMap((webhook, index) => [
      webhookText(webhook, look),
      ...between(places[index] ?? 0, places[index + 1] ?? Number.POSITIVE_INFINITY),
    ]),
  ];
};

/** `joins`: consecutive ones form one paragraph. */
type Other = { readonly at: number; readonly text: string; readonly joins: boolean };

const joined = (others: readonly Other[]): string[] => {
  const entries: string[] = [];
  others.forEach(({ text, joins }, index) => {
    if (joins && others[index - 1]?.joins) entries.push(`${entries.pop()}${text}`);
    else entries.push(text);
  });
  return entries;
};

const elsewhereText = ({ at, webhook, delivery }: Elsewhere, look: Look): string => {
  const { paint, width } = look;
  return [
    headOf(at, webhook, look),
    wrap(`  ${paint('green', '▸')} of its event, by rule ${paint('bold', visible(delivery.rule))}:`, width, 4),
    ...deliveryText(delivery, at, look),
  ]
    .map((line) => `${line}\n`)
    .join('');
};

const headOf = (at: Date, { type, id }: Pick<WebhookStory, 'type' | 'id'>, { paint, times, width }: Look): string =>
  wrap(`${times.full(at)}  ${paint('bold', visible(type))}  ${visible(id)}`, width, 4);

const timeOf = ({ receivedAt }: WebhookStory): number => receivedAt.getTime();

const webhookText = (webhook: WebhookStory, look: Look): string => {
  const head = headOf(webhook.receivedAt, webhook, look);
  const facts = [created(webhook, look), ...circumstances(webhook, look)].filter(Boolean);
  return [head, ...facts.map((fact) => wrap(`  ${fact}`, look.width, 4)), ...ruleLines(webhook, look)]
    .map((line) => `${line}\n`)
    .join('');
};

const created = ({ createdAt, receivedAt }: WebhookStory, { times, paint }: Look): string => {
  if (!createdAt) return '';
  const ahead = receivedAt.getTime() - createdAt.getTime();
  const when = times.near(createdAt, receivedAt);
  return paint(
    'dim',
    ahead >= 0
      ? `created by WebKasa at ${when}, received ${ahead < 1000 ? 'at once' : `${span(ahead)} later`}`
      : `created by WebKasa at ${when}, ${span(-ahead)} after it was received: the clocks differ`,
  );
};

const circumstances = (webhook: WebhookStory, { paint, times }: Look): string[] => [
  ...webhook.oddities.map((oddity) => `${paint('yellow', '!')} odd: ${visible(oddity)}`),
  ...(webhook.behind === null
    ? []
    : [
        `${paint('yellow', '!')} late: ${visible(webhook.behind)} is newer and was here before it, so the state stayed`,
      ]),
  ...(webhook.moved === null
    ? []
    : [
        `${paint('cyan', '↷')} moved from ${visible(times.start(webhook.moved.from))}` +
          (webhook.moved.to === null ? '' : ` to ${visible(times.start(webhook.moved.to))}`),
      ]),
];

const ruleLines = (webhook: WebhookStory, look: Look): string[] => {
  if (webhook.decidedAt === null) return ['  waits for the rules: they are applied as soon as the bot runs'];
  if (webhook.rules.length === 0) return ['  there were no rules'];
  const others = webhook.rules.filter(waitsForAnotherType);
  return [
    ...webhook.rules.filter((rule) => !waitsForAnotherType(rule)).flatMap((rule) => ruleText(rule, webhook, look)),
    ...(others.length === 0 ? [] : [look.paint('dim', wrap(`  – ${namesOf(others)}`, look.width, 4))]),
  ];
};

const waitsForAnotherType = ({ reasons, deliveries }: RuleStory): boolean =>
  deliveries.length === 0 && reasons.length > 0 && reasons.every(({ code }) => code === 'other_type');

const namesOf = (rules: readonly RuleStory[]): string => {
  const names = rules.map(({ rule }) => visible(rule)).join(', ');
  return rules.length === 1
    ? `rule ${names} is for other types`
    : `${rules.length} rules are for other types: ${names}`;
};

const ruleText = ({ rule, reasons, deliveries }: RuleStory, webhook: WebhookStory, look: Look): string[] => {
  const name = `rule ${look.paint('bold', visible(rule))}`;
  const mark = deliveries.length > 0 ? look.paint('green', '▸') : look.paint('dim', '–');
  const verdict = deliveries.length > 0 ? `${name}:` : `${name}: nothing planned`;
  return [
    wrap(`  ${mark} ${verdict}`, look.width, 6),
    ...reasons.map(({ text }) => wrap(`      because ${visible(text)}`, look.width, 8)),
    ...deliveries.flatMap((delivery) => deliveryText(delivery, webhook.receivedAt, look)),
  ];
};
