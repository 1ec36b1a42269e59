import { photograph } from './photograph.ts';
import { escapeHtml, mrkdwnHtml } from './slack-mrkdwn.ts';

/*
 * Blocks as a page that looks much like Slack, and as a picture of it by Chromium: to see what people see.
 */

type Fields = Readonly<Record<string, unknown>>;

/** A message, with its thread below it; or a dialog. */
export type Shown =
  | {
      readonly text: string;
      readonly blocks: readonly unknown[];
      readonly thread?: readonly Shown[];
      readonly note?: string;
    }
  | { readonly type: 'modal'; readonly title: { readonly text: string }; readonly blocks: readonly unknown[] };

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const textHtml = (value: unknown, zone: string): string => {
  if (!isFields(value)) return '';
  const text = String(value.text ?? '');
  return value.type === 'mrkdwn' ? mrkdwnHtml(text, zone) : escapeHtml(text);
};

const elementHtml = (value: unknown, zone: string): string => {
  if (!isFields(value)) return '';
  switch (value.type) {
    case 'button':
      return `<span class="button ${value.style === 'primary' ? 'primary' : ''}">${textHtml(value.text, zone)}</span>`;
    case 'checkboxes': {
      const ticked = listOf(value.initial_options).map((option) => isFields(option) && option.value);
      return listOf(value.options)
        .filter(isFields)
        .map(
          (option) =>
            `<div class="option"><span class="box">${ticked.includes(option.value) ? '✓' : ''}</span><div>${textHtml(option.text, zone)}<div class="small">${textHtml(option.description, zone)}</div></div></div>`,
        )
        .join('');
    }
    case 'image':
      return '<span class="image"></span>';
    default:
      return textHtml(value, zone);
  }
};

const blockHtml = (block: unknown, zone: string): string => {
  if (!isFields(block)) return '';
  switch (block.type) {
    case 'section':
      return `<div class="section"><div class="text"><p>${textHtml(block.text, zone)}</p>${
        block.fields
          ? `<div class="fields">${listOf(block.fields)
              .map((field) => `<div>${textHtml(field, zone)}</div>`)
              .join('')}</div>`
          : ''
      }</div>${block.accessory ? `<div class="beside">${elementHtml(block.accessory, zone)}</div>` : ''}</div>`;
    case 'context':
      return `<div class="context">${listOf(block.elements)
        .map((element) => `<span>${elementHtml(element, zone)}</span>`)
        .join('')}</div>`;
    case 'actions':
      return `<div class="actions">${listOf(block.elements)
        .map((element) => elementHtml(element, zone))
        .join('')}</div>`;
    case 'header':
      return `<h1>${textHtml(block.text, zone)}</h1>`;
    case 'divider':
      return '<hr>';
    case 'input':
      return `<div class="input"><b>${textHtml(block.label, zone)}</b>${block.optional ? ' <span class="small">(optional)</span>' : ''}${elementHtml(block.element, zone)}</div>`;
    default:
      return `<div class="context">${escapeHtml(String(block.type))}</div>`;
  }
};

const shownHtml = (shown: Shown, zone: string): string => {
  const blocks = shown.blocks.map((block) => blockHtml(block, zone)).join('');
  if ('type' in shown) return `<div class="modal"><h1>${escapeHtml(shown.title.text)}</h1>${blocks}</div>`;
  const body = blocks || `<p>${mrkdwnHtml(shown.text, zone)}</p>`;
  const thread = (shown.thread ?? []).map((reply) => shownHtml(reply, zone)).join('');
  return `<div class="message"><div class="face">W</div><div class="body">${
    shown.note ? `<div class="small">${escapeHtml(shown.note)}</div>` : ''
  }<div class="who"><b>WebKasa</b> <span class="app">APP</span> <span class="small">10:30 AM</span></div>${body}${
    thread ? `<div class="thread">${thread}</div>` : ''
  }</div></div>`;
};

const STYLE = `
* { box-sizing: border-box } body { margin: 0; padding: 14px 12px; background: #fff; color: #1d1c1d;
  font: 15px/1.46 Lato, 'Noto Sans', 'DejaVu Sans', 'Noto Color Emoji', sans-serif; font-variant-emoji: unicode }
p { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere } h1 { font-size: 18px; margin: 4px 0 }
.message { display: flex; gap: 8px; margin-bottom: 14px } .body { flex: 1; min-width: 0 }
.face { width: 36px; height: 36px; border-radius: 6px; background: #4a154b; color: #fff; display: flex;
  align-items: center; justify-content: center; font-weight: 700; flex: none }
.app { background: #e8e8e8; color: #616061; font-size: 10px; border-radius: 2px; padding: 1px 3px }
.small { color: #616061; font-size: 12px } .section { display: flex; gap: 12px; margin: 6px 0 } .text { flex: 1; min-width: 0 }
.fields { display: grid; grid-template-columns: 1fr 1fr; gap: 8px; white-space: pre-wrap; overflow-wrap: anywhere }
.context { color: #616061; font-size: 12.5px; margin: 6px 0; white-space: pre-wrap; overflow-wrap: anywhere }
.context span { margin-right: 8px } .actions { display: flex; flex-wrap: wrap; gap: 8px; margin: 8px 0 }
.button { border: 1px solid #bbb; border-radius: 6px; padding: 4px 12px; font-weight: 600; font-size: 13px; white-space: nowrap; background: #fff }
.primary { background: #007a5a; color: #fff } hr { border: 0; border-top: 1px solid #ddd; margin: 8px 0 }
code { background: #f4f4f4; border: 1px solid #ddd; border-radius: 3px; color: #c0103c; font: 12px Menlo, 'DejaVu Sans Mono', monospace; padding: 1px 3px }
.mention, a { color: #1264a3 } .shout { background: #ff0; color: #f00; font-size: 30px }
.thread { border-left: 3px solid #ddd; padding-left: 10px; margin-top: 8px } .thread .face { width: 24px; height: 24px; font-size: 12px }
.modal { border: 1px solid #ccc; border-radius: 8px; padding: 14px; box-shadow: 0 4px 20px #0002 } .input { margin: 12px 0 }
.option { display: flex; gap: 8px; margin: 8px 0 } .box { width: 16px; height: 16px; border: 1px solid #888; border-radius: 3px;
  font: 12px/15px sans-serif; text-align: center; flex: none; margin-top: 3px }
.phone .fields { grid-template-columns: 1fr } .phone .section { flex-wrap: wrap } .phone .section .text { flex-basis: 100% }
`;

/** The page, for a reader in `zone`, so many pixels wide. */
export const slackPage = (shown: readonly Shown[], zone: string, width: number): string =>
  `<!doctype html><meta charset="utf-8"><style>${STYLE}</style><body class="${width < 500 ? 'phone' : ''}" style="width: ${width}px">${shown.map((each) => shownHtml(each, zone)).join('')}`;

/** A stylesheet with a font called Noto Color Emoji, for machines that have none. */
const EMOJI = process.env.EMOJI_CSS ? `<link rel="stylesheet" href="file://${process.env.EMOJI_CSS}">` : '';

/** Writes a PNG of them, as wide as asked and as high as they are. */
export const takePicture = (
  shown: readonly Shown[],
  file: string,
  {
    width,
    zone = 'Europe/Berlin',
    scale = 1,
  }: { readonly width: number; readonly zone?: string; readonly scale?: number },
): Promise<void> => photograph(EMOJI + slackPage(shown, zone, width), file, { width, scale });
