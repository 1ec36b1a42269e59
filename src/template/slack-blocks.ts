import type { KnownBlock } from '@slack/web-api';
import type { Meter } from './allowance.ts';
import type { Take } from './slack-fit.ts';
import { webAddress } from './slack-link.ts';
import { type BlockSource, type ButtonSource, type ImageSource, LIMITS, type TextSource } from './slack-schema.ts';
import type { Path } from './slack-yaml.ts';

/** Writes one string of a template for one webhook. */
export type Write = (scope: object, meter: Meter) => string;

/** Compiles the string at a path of the file, for the place it is written to. */
export type Compile = (source: string, path: Path, place: 'mrkdwn' | 'plain' | 'condition') => Write;

/** What the strings of one message are made from, and what they may cost together. */
export type Making = { readonly scope: object; readonly meter: Meter };

/** Builds a part of a message within the room left; undefined where there is nothing to show. */
export type Build<Part> = (making: Making, take: Take) => Part | undefined;

type Block<Type extends string> = Extract<KnownBlock, { type: Type }>;
type Text = NonNullable<Block<'section'>['text']>;
type Plain = Extract<Text, { type: 'plain_text' }>;
type Button = Extract<Block<'actions'>['elements'][number], { type: 'button' }>;
type Image = { type: 'image'; image_url: string; alt_text: string };

/** Compiles one block: each string by itself, so that data can fill a text and never change the structure. */
export const compileBlock = (block: BlockSource, path: Path, compile: Compile): Build<KnownBlock> =>
  unless(block.if, path, compile, blockParts(block, path, compile));

const blockParts = (block: BlockSource, path: Path, compile: Compile): Build<KnownBlock> => {
  switch (block.type) {
    case 'divider':
      return () => ({ type: 'divider' });
    case 'header': {
      const text = compilePlain(block.text, [...path, 'text'], LIMITS.header, compile);
      return (making, take) => whole(text(making, take), (shown) => ({ type: 'header', text: shown }));
    }
    case 'section':
      return compileSection(block, path, compile);
    case 'context': {
      const elements = block.elements.map((element, index): Build<Text | Image> => {
        const at = [...path, 'elements', index];
        return element.type === 'image'
          ? compileImage(element, at, compile)
          : compileText(element, at, LIMITS.contextText, compile);
      });
      return (making, take) => some(elements, making, take, (shown) => ({ type: 'context', elements: shown }));
    }
    case 'actions': {
      const buttons = block.elements.map((button, index) =>
        compileButton(button, [...path, 'elements', index], compile),
      );
      return (making, take) => some(buttons, making, take, (shown) => ({ type: 'actions', elements: shown }));
    }
    case 'image': {
      const image = compileImage(block, path, compile);
      const title = block.title && compilePlain(block.title, [...path, 'title'], LIMITS.alt, compile);
      return (making, take) =>
        whole(image(making, take), (shown) => {
          const titled = title?.(making, take);
          return titled ? { ...shown, title: titled } : shown;
        });
    }
  }
};

const compileSection = (
  block: Extract<BlockSource, { type: 'section' }>,
  path: Path,
  compile: Compile,
): Build<KnownBlock> => {
  const text = block.text && compileText(block.text, [...path, 'text'], LIMITS.section, compile);
  const fields = (block.fields ?? []).map((field, index) =>
    compileText(field, [...path, 'fields', index], LIMITS.field, compile),
  );
  const accessory = block.accessory && compileAccessory(block.accessory, [...path, 'accessory'], compile);
  return (making, take) => {
    const shown = text?.(making, take);
    const shownFields = fields.flatMap((field) => field(making, take) ?? []);
    // An accessory alone is no section.
    if (!shown && shownFields.length === 0) return undefined;
    const beside = accessory?.(making, take);
    return {
      type: 'section',
      ...(shown && { text: shown }),
      ...(shownFields.length > 0 && { fields: shownFields }),
      ...(beside && { accessory: beside }),
    };
  };
};

const compileAccessory = (source: ButtonSource | ImageSource, path: Path, compile: Compile): Build<Button | Image> =>
  source.type === 'button' ? compileButton(source, path, compile) : compileImage(source, path, compile);

const compileText = (source: TextSource, path: Path, limit: number, compile: Compile): Build<Text> => {
  if (source.type === 'plain_text') return compilePlain(source, path, limit, compile);
  const write = compile(source.text, [...path, 'text'], 'mrkdwn');
  // Otherwise Slack itself turns what looks like a channel, a mention or an address into one.
  const verbatim = source.verbatim ?? true;
  return (making, take) =>
    whole(take(write(making.scope, making.meter), limit), (text) => ({ type: 'mrkdwn', text, verbatim }));
};

const compilePlain = (source: { text: string }, path: Path, limit: number, compile: Compile): Build<Plain> => {
  const write = compile(source.text, [...path, 'text'], 'plain');
  return (making, take) =>
    whole(take(write(making.scope, making.meter), limit), (text) => ({ type: 'plain_text', text, emoji: false }));
};

const compileButton = (source: ButtonSource, path: Path, compile: Compile): Build<Button> => {
  const text = compilePlain(source.text, [...path, 'text'], LIMITS.button, compile);
  const url = compile(source.url, [...path, 'url'], 'plain');
  const value = source.value === undefined ? undefined : compile(source.value, [...path, 'value'], 'plain');
  const fixed = {
    ...(source.action_id && { action_id: source.action_id }),
    ...(source.style && { style: source.style }),
  };
  return unless(source.if, path, compile, (making, take) => {
    const target = webAddress(url(making.scope, making.meter));
    const shownValue = value?.(making.scope, making.meter).slice(0, LIMITS.buttonValue);
    if (!target) return undefined;
    return whole(text(making, take), (shown) => ({
      type: 'button',
      text: shown,
      url: target,
      ...(shownValue && { value: shownValue }),
      ...fixed,
    }));
  });
};

const compileImage = (source: ImageSource, path: Path, compile: Compile): Build<Image> => {
  const url = compile(source.image_url, [...path, 'image_url'], 'plain');
  const alt = compile(source.alt_text, [...path, 'alt_text'], 'plain');
  return unless(source.if, path, compile, (making, take) =>
    whole(webAddress(url(making.scope, making.meter)), (image_url) => ({
      type: 'image',
      image_url,
      alt_text: take(alt(making.scope, making.meter), LIMITS.alt) || 'Image',
    })),
  );
};

const unless = <Part>(condition: string | undefined, path: Path, compile: Compile, build: Build<Part>): Build<Part> => {
  if (condition === undefined) return build;
  const write = compile(condition, [...path, 'if'], 'condition');
  return (making, take) =>
    ['', 'false'].includes(write(making.scope, making.meter)) ? undefined : build(making, take);
};

const whole = <Part, Result>(part: Part | undefined, build: (part: NonNullable<Part>) => Result): Result | undefined =>
  part ? build(part) : undefined;

const some = <Part, Result>(
  builds: readonly Build<Part>[],
  making: Making,
  take: Take,
  build: (parts: Part[]) => Result,
): Result | undefined => {
  const parts = builds.flatMap((each) => each(making, take) ?? []);
  return parts.length > 0 ? build(parts) : undefined;
};
