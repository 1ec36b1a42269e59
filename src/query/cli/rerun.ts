import { EVERYONE_REGISTERED } from '../../core/rule.ts';
import type { Effect, RerunOutcome, RerunPreview } from '../rerun.ts';
import { wrap } from './fit.ts';
import { CLI, type Look } from './look.ts';
import type { Colour } from './paint.ts';
import { recipient } from './recipient.ts';
import { resourceHeading, zoneLine } from './resource.ts';
import { visible } from './visible.ts';

/** A preview of a rerun. `chosen` are the ids of the effects that `--do` would carry out. */
export const previewText = (preview: RerunPreview, chosen: readonly string[], look: Look): string => {
  const { webhook, resource, effects, id } = preview;
  if (!webhook) return unknownText(id, look);
  const received = `received ${look.times.full(webhook.receivedAt)}`;
  const lines = [
    `${look.paint('bold', visible(webhook.type))}  ${visible(webhook.id)}  ${received}`,
    ...effects.flatMap((effect) => effectText(effect, chosen.includes(effect.id), look)),
    ...unplannedText(preview, look),
    ...(effects.length === 0
      ? [`  no rule plans anything for it today; why it did at the time: ${CLI} why ${visible(id)}`]
      : []),
  ];
  const body = lines.map((line) => `${wrap(line, look.width, 6)}\n`).join('');
  return `${resource ? resourceHeading(resource, look) : ''}${zoneLine(look)}\n${body}\n${nextStep(preview, chosen, look)}`;
};

const DOES: Readonly<Record<Effect['does'], string>> = { skip: 'skip', send: 'send', update: 'update', add: 'add row' };

const effectText = (effect: Effect, chosen: boolean, look: Look): string[] => {
  const { paint, times } = look;
  const { does, kind, rule, why, toldAt, toAttendee } = effect;
  const [mark, colour]: readonly [string, Colour] = chosen ? ['▸', 'green'] : ['–', 'dim'];
  const whom = toAttendee && effect.to !== EVERYONE_REGISTERED ? ' (the attendee)' : '';
  const before = toldAt ? ` (last told ${times.full(toldAt)})` : '';
  return [
    `  ${paint(colour, mark)} ${paint(colour, DOES[does])}  ${kind} ${visible(recipient(effect, look))}${whom}, rule ${visible(rule)}`,
    `      ${visible(why)}${before}`,
  ];
};

const unplannedText = ({ unplanned }: RerunPreview, { paint }: Look): string[] =>
  unplanned.flatMap(({ rule, why }) => [
    `  ${paint('dim', '–')} rule ${visible(rule)}: nothing planned`,
    ...why.map((reason) => `      because ${visible(reason)}`),
  ]);

const nextStep = ({ id, effects }: RerunPreview, chosen: readonly string[], look: Look): string => {
  const mails = effects.filter(({ toAttendee, does }) => toAttendee && does !== 'skip');
  const lines = [
    'Nothing was done.',
    ...(chosen.length > 0 ? [`${CLI} rerun ${visible(id)} --do does what is marked with ▸.`] : []),
    ...mailsToo(mails.filter((effect) => !chosen.includes(effect.id))),
  ];
  return `${wrap(lines.join(' '), look.width, 0)}\n`;
};

/** Says who would get a mail with --mail, and to how many it was sent before: nobody should mail hundreds of people unawares. */
const mailsToo = (mails: readonly Effect[]): string[] => {
  const many = mails.filter(({ to }) => to === EVERYONE_REGISTERED);
  const again = many.reduce((most, { gotBefore = 0 }) => Math.max(most, gotBefore), 0);
  const people = `${again} ${again === 1 ? 'person gets' : 'people get'} the mail again`;
  return [
    ...(many.length < mails.length ? ['With --mail the attendee gets the mail too.'] : []),
    ...(many.length > 0
      ? [`With --mail everyone registered gets the mail too${again === 0 ? '' : `: ${people}`}.`]
      : []),
  ];
};

/** The result of a rerun: what was planned, and what was left alone and why. */
export const rerunText = (outcome: RerunOutcome, look: Look): string => {
  const { planned, left, changed, webhookId } = outcome;
  if (outcome.outcome === 'unknown') return unknownText(webhookId, look);
  if (outcome.outcome === 'repeated') return 'This very run was asked for before: nothing more was done.\n';
  const lines = [
    planned.length === 0
      ? `Nothing was planned for ${visible(webhookId)}.`
      : `Due now: ${planned.length}. A running bot performs them at once, a stopped one after its next start.`,
    ...planned.flatMap((effect) => effectText(effect, true, look)),
    ...(changed === 0 ? [] : [changedText(changed)]),
    ...(left.length === 0 ? [] : ['Left as it is:']),
    ...left.flatMap((effect) => effectText({ ...effect, does: 'skip' }, false, look)),
  ];
  const timed = [...planned, ...left].some(({ toldAt }) => toldAt !== null);
  return `${lines.map((line) => `${wrap(line, look.width, 6)}\n`).join('')}${timed ? zoneLine(look) : ''}`;
};

const changedText = (changed: number): string =>
  `${changed} ${changed === 1 ? 'action' : 'actions'} changed in the meantime, and nothing was done about ${changed === 1 ? 'it' : 'them'}: look again.`;

const unknownText = (id: string, { width }: Look): string =>
  `${wrap(`Nothing that was routed is known under ${visible(id)}: \`${CLI} search WORDS\` finds ids, and a webhook that waits for the rules gets them as soon as the bot runs.`, width, 2)}\n`;
