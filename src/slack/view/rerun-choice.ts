import type { InputBlock, KnownBlock, MrkdwnOption, PlainTextOption } from '@slack/web-api';
import { EVERYONE_REGISTERED } from '../../core/rule.ts';
import { isChannelId } from '../../core/slack-id.ts';
import type { Effect, RerunPreview } from '../../query/rerun.ts';
import { recipientWords } from '../../query/words.ts';
import { RERUN_DIALOG } from '../../template/slack-buttons.ts';
import type { SlackLook } from './answer.ts';
import { context, divider, plainOf, section } from './blocks.ts';
import { channelShown } from './channel.ts';
import { deliveryTo } from './delivery.ts';
import { moment, momentBrief } from './times.ts';
import { bold, count, exact, joined, plain, said, sentence } from './words.ts';

/** Slack's limits of checkboxes (https://docs.slack.dev/reference/block-kit/block-elements/checkboxes-element). */
const OPTIONS = { group: 10, text: 75, value: 150 } as const;
/** Groups of checkboxes in one dialog: far more than any rules plan, and within Slack's 100 blocks. */
const MOST_GROUPS = 40;
const MOST_LINES = 20;

type Split = { readonly choosable: readonly Effect[]; readonly fixed: readonly Effect[] };

/** Separates effects that can be ticked from those that can't: an option's value has to be unique and not too long. */
export const splitEffects = (effects: readonly Effect[]): Split => {
  const seen = new Set<string>();
  const choosable = effects.filter(({ does, id }) => {
    const fits = does !== 'skip' && id !== '' && id.length <= OPTIONS.value && !seen.has(id);
    seen.add(id);
    return fits;
  });
  return { choosable, fixed: effects.filter((effect) => !choosable.includes(effect)) };
};

/** Checkboxes for what reaches the team, ticked as proposed, and for what reaches the attendee, never ticked in advance. */
export const choices = (effects: readonly Effect[], look: SlackLook): InputBlock[] => {
  const inputs = [
    ...groups(
      'For the team',
      effects.filter(({ toAttendee }) => !toAttendee),
      look,
    ),
    ...groups(
      'To the attendee: only if you tick it',
      effects.filter(({ toAttendee }) => toAttendee),
      look,
    ),
  ];
  return inputs.slice(0, MOST_GROUPS).map((input, index) => ({ ...input, block_id: `${RERUN_DIALOG.block}_${index}` }));
};

/** Splits effects into groups, since Slack allows ten checkboxes in one. */
const groups = (label: string, effects: readonly Effect[], look: SlackLook): InputBlock[] => {
  const parts = Math.ceil(effects.length / OPTIONS.group);
  return Array.from({ length: parts }, (_, index) => {
    const part = effects.slice(index * OPTIONS.group, (index + 1) * OPTIONS.group);
    return group(parts === 1 ? label : `${label} (${index + 1} of ${parts})`, part, look);
  });
};

const group = (label: string, effects: readonly Effect[], look: SlackLook): InputBlock => {
  const ticked = effects.filter(({ chosen, toAttendee }) => chosen && !toAttendee);
  return {
    type: 'input',
    // Otherwise Slack would refuse to submit the dialog with an empty group.
    optional: true,
    label: plainOf(label, 2000),
    element: {
      type: 'checkboxes',
      action_id: RERUN_DIALOG.action,
      options: effects.map((effect) => optionOf(effect, look)),
      ...(ticked.length > 0 && { initial_options: ticked.map((effect) => optionOf(effect, look)) }),
    },
  };
};

type Option = PlainTextOption | MrkdwnOption;

const optionOf = (effect: Effect, look: SlackLook): Option => {
  const { id, kind, to, why, toldAt } = effect;
  const told = toldAt === null ? '' : `${momentBrief(toldAt, look)}: `;
  const rest = {
    // The time goes first, so that long names of columns are what is cut off.
    description: plainOf(sentence(plain(`${told}${why}`)) || 'Not told before', OPTIONS.text),
    value: id,
  };
  const channel = kind === 'slack' && isChannelId(to) ? channelLine(effect) : undefined;
  if (channel === undefined || channel.length > OPTIONS.text) {
    return { ...rest, text: plainOf(plainLine(effect), OPTIONS.text) };
  }
  return { ...rest, text: { type: 'mrkdwn', text: channel, verbatim: true } };
};

/** What an action would do, with the channel's current name, as mrkdwn. */
const channelLine = (effect: Effect): string => `${doing(effect)}${channelShown(effect.to)} (${said(effect.rule, 30)})`;

/** What an action would do, to whom and by which rule, as plain text cut to fit. */
const plainLine = (effect: Effect): string => {
  const { to, rule, toAttendee } = effect;
  const whole = (does: string): string => `${does}${plain(recipientWords(to))} (${plain(rule)})`;
  const oneAttendee = toAttendee && to !== EVERYONE_REGISTERED;
  const lines = [...(oneAttendee ? [whole('Mail the attendee, ')] : []), whole(doing(effect))];
  const fitting = lines.find((line) => line.length <= OPTIONS.text);
  if (fitting !== undefined) return fitting;
  const behind = ` (${plain(rule, 24)})`;
  return `${doing(effect)}${plain(recipientWords(to), OPTIONS.text - doing(effect).length - behind.length - 2)}${behind}`;
};

/** The verb of an action, to go in front of its recipient. */
const doing = ({ kind, does }: Effect): string => {
  if (kind === 'email') return 'Mail ';
  if (kind === 'slack') return does === 'update' ? 'Update the card in ' : 'Post to ';
  return does === 'update' ? 'Update the row in ' : 'Add a row to ';
};

/** What can't be chosen, and why not. */
export const leftBlocks = (
  fixed: readonly Effect[],
  unplanned: RerunPreview['unplanned'],
  look: SlackLook,
): KnownBlock[] => {
  const lines = [
    ...fixed.map((effect) => `– ${joined(`${deliveryTo(effect)}: ${said(effect.why)}`, toldText(effect, look))}`),
    ...unplanned.map(
      ({ rule, why }) => `– rule ${said(rule)} plans nothing: ${why.map((each) => exact(each, 200)).join('; ')}`,
    ),
  ];
  if (lines.length === 0) return [];
  const rest = lines.length - MOST_LINES;
  return [
    divider,
    ...section([bold('Left as it is')]),
    ...context(...lines.slice(0, MOST_LINES), rest > 0 && `… and ${count(rest, 'other', 'others')}`),
  ];
};

const toldText = ({ toldAt }: Effect, look: SlackLook): string => (toldAt === null ? '' : moment(toldAt, look));
