import type { ActionKind } from '../../core/rule.ts';
import { recipientWords } from '../words.ts';
import type { Look } from './look.ts';

/** A recipient as people know it: a Slack channel by its name if that is known, since nobody knows channels by their ids. */
export const recipient = (
  { kind, to }: { readonly kind: ActionKind; readonly to: string },
  { channels }: Pick<Look, 'channels'>,
): string => (kind === 'slack' ? (channels?.get(to) ?? to) : recipientWords(to));

/** A text with the id of a channel replaced by its name, if that is known. */
export const naming = (text: string, channel: string, { channels }: Pick<Look, 'channels'>): string => {
  const name = channels?.get(channel);
  return name === undefined ? text : text.replaceAll(channel, name);
};
