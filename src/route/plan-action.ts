import type { PlannedAction } from '../core/delivery.ts';
import type { Reason } from '../core/rule.ts';
import type { View } from '../template/view.ts';
import type { CompiledAction, CompiledEmail, CompiledSheet, CompiledSlack } from './compile.ts';
import type { Field } from './fields.ts';
import { type Checked, mailAddress, oneLine, sheetFile, slackChannel } from './values.ts';

export type Defaults = {
  /** Where Slack actions without a channel of their own go (SLACK_CHANNEL). */
  readonly slackChannel: string;
};

/** One thing to deliver; `recipient` is its place in the action's list. */
export type Target = { readonly recipient: number; readonly destination: string; readonly action: PlannedAction };

/** Why a part of an action came to nothing. */
export type Shortfall = {
  readonly code: Reason['code'];
  /** The part, as it is called in the rules file. */
  readonly field: string;
  readonly text: string;
  /** What of the view the part is made from. */
  readonly variables: readonly string[];
};

export type ActionPlan = { readonly targets: readonly Target[]; readonly reasons: readonly Shortfall[] };

/** Renders an action for one webhook and says what of it can be delivered, and what not and why. Never throws. */
export const planAction = (action: CompiledAction, view: View, defaults: Defaults): ActionPlan => {
  const reasons: Shortfall[] = [];
  try {
    return { targets: targetsOf(action, rendering(view, reasons), defaults), reasons };
  } catch (error) {
    if (!(error instanceof Unplannable)) {
      reasons.push({ code: 'rule_error', field: '*', text: 'it could not be planned for this webhook', variables: [] });
    }
    return { targets: [], reasons };
  }
};

/** Ends the planning of an action whose reason has been noted. */
class Unplannable extends Error {}

type Rendering = {
  /** The text of a field; notes the reason and gives up the action where it can't be rendered. */
  text(name: string, field: Field): string;
  note(code: Reason['code'], name: string, text: string, field?: Field): void;
};

const rendering = (view: View, reasons: Shortfall[]): Rendering => {
  const note: Rendering['note'] = (code, name, text, field) => {
    reasons.push({ code, field: name, text, variables: field?.variables ?? [] });
  };
  return {
    note,
    text: (name, field) => {
      try {
        return field.render(view);
      } catch {
        // Liquid's message may repeat the data, so it is not kept.
        note('rule_error', name, `its Liquid fails on this data: ${field.variables.join(', ')}`, field);
        throw new Unplannable();
      }
    },
  };
};

const targetsOf = (action: CompiledAction, render: Rendering, defaults: Defaults): Target[] => {
  switch (action.kind) {
    case 'email':
      return emailTargets(action, render);
    case 'slack':
      return [slackTarget(action, render, defaults)];
    case 'sheet':
      return [sheetTarget(action, render)];
  }
};

const emailTargets = (email: CompiledEmail, render: Rendering): Target[] => {
  const recipients = recipientsOf(email, render);
  if (recipients.size === 0) return [];
  const subject = email.subject && oneLine(render.text('subject', email.subject));
  const replyTo = email.replyTo && replyAddress(email.replyTo, render);
  return [...recipients.values()].map(({ recipient, to, name }) => ({
    recipient,
    destination: `email:${to.toLowerCase()}`,
    action: {
      kind: 'email',
      email: {
        to,
        ...(name && { name }),
        template: email.template,
        ...(subject && { subject }),
        ...(replyTo && { replyTo }),
      },
    },
  }));
};

type Recipient = { readonly recipient: number; readonly to: string; readonly name: string };

/** By address in lower case: an address named twice gets one mail. */
const recipientsOf = (email: CompiledEmail, render: Rendering): Map<string, Recipient> => {
  const recipients = new Map<string, Recipient>();
  for (const [recipient, field] of email.to.entries()) {
    const to = address(field, email.to.length > 1 ? `to[${recipient}]` : 'to', render);
    if (to === undefined || recipients.has(to.toLowerCase())) continue;
    recipients.set(to.toLowerCase(), { recipient, to, name: attendeeName(email, to, render) });
  }
  return recipients;
};

const address = (field: Field, name: string, render: Rendering): string | undefined => {
  const text = render.text(name, field).trim();
  if (text !== '') return checked(mailAddress(text), name, field, render);
  render.note('no_recipient', name, `there is no address in ${field.variables.join(', ') || 'it'}`, field);
  return undefined;
};

/** The attendee's name goes beside the attendee's own address only. */
const attendeeName = (email: CompiledEmail, to: string, render: Rendering): string =>
  render.text('to', email.attendeeEmail).trim().toLowerCase() === to.toLowerCase()
    ? oneLine(render.text('to', email.name)).slice(0, 200).toWellFormed()
    : '';

/** A mail goes out without an answer address rather than not at all. */
const replyAddress = (field: Field, render: Rendering): string | undefined => {
  const text = render.text('reply_to', field).trim();
  return text === '' ? undefined : checked(mailAddress(text), 'reply_to', field, render);
};

const slackTarget = (slack: CompiledSlack, render: Rendering, defaults: Defaults): Target => {
  const named = slack.channel ?? { render: () => defaults.slackChannel, variables: [] };
  const channel = required(slackChannel(render.text('channel', named)), 'channel', named, render);
  const text = slack.text && render.text('text', slack.text).trim();
  if (text === '') {
    render.note('invalid_field', 'text', 'there is nothing to say: it is empty for this webhook', slack.text);
    throw new Unplannable();
  }
  return {
    recipient: 0,
    destination: `slack:${channel}`,
    action: {
      kind: 'slack',
      slack: {
        channel,
        ...(slack.template !== undefined && { template: slack.template }),
        ...(text && { text }),
        as: slack.as,
      },
    },
  };
};

const sheetTarget = (sheet: CompiledSheet, render: Rendering): Target => {
  const file = required(sheetFile(render.text('file', sheet.file)), 'file', sheet.file, render);
  const columns = Object.fromEntries(
    sheet.columns.map(([name, cell]) => [name, render.text(`columns.${name}`, cell)] as const),
  );
  return { recipient: 0, destination: `sheet:${file}`, action: { kind: 'sheet', sheet: { file, columns } } };
};

const checked = (result: Checked, name: string, field: Field, render: Rendering): string | undefined => {
  if ('value' in result) return result.value;
  render.note('invalid_field', name, `${subject(field)}${result.problem}`, field);
  return undefined;
};

const required = (result: Checked, name: string, field: Field, render: Rendering): string => {
  const value = checked(result, name, field, render);
  if (value === undefined) throw new Unplannable();
  return value;
};

const subject = ({ variables }: Field): string =>
  variables.length > 0 ? `what it makes of ${variables.join(', ')} ` : '';
