import type { KnownBlock } from '@slack/web-api';
import type { SlackAnswer } from '../../../src/slack/view/answer.ts';

/** All that an answer shows, as lines. */
export const shownIn = ({ blocks }: { readonly blocks: readonly KnownBlock[] | SlackAnswer['blocks'] }): string =>
  blocks.flatMap(textsOf).join('\n');

const textsOf = (part: unknown): string[] => {
  if (Array.isArray(part)) return part.flatMap(textsOf);
  if (typeof part !== 'object' || part === null) return [];
  if ('text' in part && typeof part.text === 'string') return [part.text];
  return Object.values(part).flatMap(textsOf);
};

export type Pressable = {
  readonly label: string;
  readonly action: string;
  readonly value: string;
  readonly asks: boolean;
};

/** Its buttons, in order. */
export const buttonsIn = (part: unknown): Pressable[] => {
  if (Array.isArray(part)) return part.flatMap(buttonsIn);
  if (typeof part !== 'object' || part === null) return [];
  if ('type' in part && part.type === 'button') {
    const { action_id, value, text, confirm } = part as unknown as {
      action_id: string;
      value: string;
      text: { text: string };
      confirm?: unknown;
    };
    return [{ label: text.text, action: action_id, value, asks: confirm !== undefined }];
  }
  return Object.values(part).flatMap(buttonsIn);
};

export const buttonIn = (answer: SlackAnswer, label: string): Pressable | undefined =>
  buttonsIn(answer.blocks).find((button) => button.label === label);
