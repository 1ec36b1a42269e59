import type { ActionsBlock, Button, ContextBlock, KnownBlock, SectionBlock } from '@slack/web-api';
import type { RenderedSlack } from '../../template/library.ts';
import { BUTTONS } from '../../template/slack-buttons.ts';
import { cut } from '../../template/slack-fit.ts';
import { linkToken } from '../../template/slack-link.ts';
import { LIMITS } from '../../template/slack-schema.ts';

/** A message: `text` for notifications and screen readers, `blocks` for display. */
export type Content = { readonly text: string; readonly blocks: readonly KnownBlock[] };

/** What is added below the template's own blocks. */
export type Below = {
  /** Unique for each message and each update of it, as Slack requires. */
  readonly blockId: string;
  /** The resource or webhook that the buttons are about; null for a message without. */
  readonly about: string | null;
  /** The line with the registration count. */
  readonly count?: string | undefined;
};

/** Blocks reserved below the template's for count, buttons and link. */
const ROOM_BELOW = 3;

/** Composes messages. Without `interactive` nothing would handle a click: no buttons then, and the link as text. */
export const createComposer = ({ interactive }: { readonly interactive: boolean }) => {
  const buttons = ({ blockId, about }: Below, link: RenderedSlack['link']): ActionsBlock[] => {
    const elements = [
      ...(about === null ? [] : [button('Why', BUTTONS.why, about), button('Run again', BUTTONS.rerun, about)]),
      ...(link ? [{ ...plainButton(link.text, BUTTONS.link), url: link.url }] : []),
    ].filter((each) => each !== undefined);
    return elements.length > 0 ? [{ type: 'actions', block_id: blockId.slice(0, LIMITS.id), elements }] : [];
  };

  return (rendered: RenderedSlack, below: Below): Content => {
    const { text, blocks, link } = rendered;
    const shown = blocks.length > 0 ? blocks.slice(0, LIMITS.blocks - ROOM_BELOW) : [section(text)];
    return {
      text,
      blocks: [
        ...shown,
        ...(below.count ? [context(below.count)] : []),
        ...(interactive ? buttons(below, link) : link ? [context(linkToken(link))] : []),
      ],
    };
  };
};

export type Compose = ReturnType<typeof createComposer>;

/** One paragraph of mrkdwn, cut to what a section holds. */
export const section = (text: string): SectionBlock => ({
  type: 'section',
  text: { type: 'mrkdwn', text: cut(text, LIMITS.section), verbatim: true },
});

/** Small print. */
export const context = (text: string): ContextBlock => ({
  type: 'context',
  elements: [{ type: 'mrkdwn', text: cut(text, LIMITS.contextText), verbatim: true }],
});

/** A button that the bot handles; undefined where Slack would not accept its value. */
export const button = (label: string, actionId: string, value: string): Button | undefined =>
  value.trim() === '' || value.length > LIMITS.buttonValue || !value.isWellFormed()
    ? undefined
    : { ...plainButton(label, actionId), value };

const plainButton = (label: string, action_id: string): Button => ({
  type: 'button',
  action_id,
  text: { type: 'plain_text', text: label, emoji: false },
});
