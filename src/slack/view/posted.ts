import type { ActionsBlockElement, KnownBlock } from '@slack/web-api';
import { isUserId } from '../../core/slack-id.ts';
import { BUTTONS } from '../../template/slack-buttons.ts';
import type { SlackAnswer } from './answer.ts';
import { context } from './blocks.ts';
import { code } from './words.ts';

/** Buttons that change the message they are on, or act on everything: for the asker alone. */
const FOR_THE_ASKER: ReadonlySet<string | undefined> = new Set([BUTTONS.ask, BUTTONS.post, BUTTONS.retryAll]);

/** An answer as posted to the channel: with who asked what, and without the buttons meant for the asker alone. */
export const postedCopy = (
  answer: SlackAnswer,
  asked: { readonly by: string; readonly question: string },
): SlackAnswer => ({
  text: answer.text,
  blocks: [...answer.blocks.flatMap(withoutOwnButtons), ...context(askedBy(asked))],
});

/** Mentions the asker, if `by` has the form of a user's id. */
const askedBy = ({ by, question }: { readonly by: string; readonly question: string }): string => {
  const who = isUserId(by) ? `<@${by}>` : 'somebody';
  return `Asked by ${who}: ${code(`/webkasa ${question}`)}`;
};

const withoutOwnButtons = (block: KnownBlock): KnownBlock[] => {
  if (block.type === 'actions') {
    const elements = block.elements.filter(isForAll);
    return elements.length === 0 ? [] : [{ ...block, elements }];
  }
  if (block.type === 'section' && block.accessory?.type === 'button' && !isForAll(block.accessory)) {
    const { accessory: _, ...rest } = block;
    return [rest];
  }
  return [block];
};

const isForAll = (element: ActionsBlockElement): boolean =>
  element.type !== 'button' || !FOR_THE_ASKER.has(element.action_id);
