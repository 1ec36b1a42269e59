import type { PlannedEmail } from '../core/delivery.ts';
import { EVERYONE_REGISTERED } from '../core/rule.ts';
import { type CompiledEmail, EVERYONE } from './compile.ts';
import type { Field } from './fields.ts';
import type { Target } from './plan-action.ts';
import { checked, type Rendering } from './rendering.ts';
import { mailAddress, oneLine } from './values.ts';

const LONGEST_NAME = 200;

/** One mail to each address that `to` renders to. */
export const emailTargets = (email: CompiledEmail, render: Rendering): Target[] => {
  const recipients = [...recipientsOf(email, render).values()];
  if (recipients.length === 0) return [];
  const subject = email.subject && oneLine(render.text('subject', email.subject));
  const replyTo = email.replyTo && oneAddress(email.replyTo, 'reply_to', render);
  const fromName = email.fromName && name(render.text('from_name', email.fromName));
  const copies = copiesOf(email, render, new Set(recipients.map(({ to }) => to.toLowerCase())));
  return recipients.map(({ recipient, to, attendee }, index) => ({
    recipient,
    destination: `email:${to.toLowerCase()}`,
    action: {
      kind: 'email',
      email: {
        to,
        ...(attendee?.name && { name: attendee.name }),
        template: email.template,
        ...(subject && { subject }),
        ...(replyTo && { replyTo }),
        ...(fromName && { fromName }),
        // Each recipient gets a mail of their own; whoever is copied wants a copy of one of them, not of each.
        ...(index === 0 && copies),
        ...((email.invite ?? attendee !== undefined) && { invite: true }),
        ...(email.until && { until: email.until }),
      },
    },
  }));
};

type Recipient = {
  readonly recipient: number;
  readonly to: string;
  /** Set where the address is an attendee's own: their name is shown beside no other. */
  readonly attendee: { readonly name: string } | undefined;
};

/** By address in lower case: an address named twice gets one mail. */
const recipientsOf = (email: CompiledEmail, render: Rendering): Map<string, Recipient> => {
  const recipients = new Map<string, Recipient>();
  for (const [recipient, field] of email.to.entries()) {
    if (field === EVERYONE) {
      recipients.set(EVERYONE_REGISTERED, { recipient, to: EVERYONE_REGISTERED, attendee: { name: '' } });
      continue;
    }
    const to = address(field, email.to.length > 1 ? `to[${recipient}]` : 'to', render);
    if (to === undefined || recipients.has(to.toLowerCase())) continue;
    recipients.set(to.toLowerCase(), { recipient, to, attendee: attendeeAt(email, to, render) });
  }
  return recipients;
};

const address = (field: Field, place: string, render: Rendering): string | undefined => {
  const text = render.text(place, field).trim();
  if (text !== '') return checked(mailAddress(text), place, field, render);
  render.note('no_recipient', place, `there is no address in ${field.variables.join(', ') || 'it'}`, field);
  return undefined;
};

const attendeeAt = (email: CompiledEmail, to: string, render: Rendering): Recipient['attendee'] =>
  render.text('to', email.attendeeEmail).trim().toLowerCase() === to.toLowerCase()
    ? { name: name(render.text('to', email.name)) }
    : undefined;

const name = (text: string): string => oneLine(text).slice(0, LONGEST_NAME).toWellFormed();

/** A reply or copy address that can't be used is left out: the mail goes out all the same. */
const oneAddress = (field: Field, place: string, render: Rendering): string | undefined => {
  const text = render.text(place, field).trim();
  return text === '' ? undefined : checked(mailAddress(text), place, field, render);
};

/** Each address once: none that is a recipient's, and none hidden that is seen. */
const copiesOf = (email: CompiledEmail, render: Rendering, seen: Set<string>): Pick<PlannedEmail, 'cc' | 'bcc'> => {
  const each = (place: 'cc' | 'bcc'): string[] =>
    email[place].flatMap((field, index) => {
      const copy = oneAddress(field, email[place].length > 1 ? `${place}[${index}]` : place, render);
      if (copy === undefined || seen.has(copy.toLowerCase())) return [];
      seen.add(copy.toLowerCase());
      return [copy];
    });
  const cc = each('cc');
  const bcc = each('bcc');
  return { ...(cc.length > 0 && { cc }), ...(bcc.length > 0 && { bcc }) };
};
