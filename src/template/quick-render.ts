import {
  AssignTag,
  CaptureTag,
  type Context,
  type Emitter,
  type Hash,
  IfTag,
  isTruthy,
  type Liquid,
  LiquidError,
  LookupType,
  Output,
  RenderError,
  RenderTag,
  type Template,
  TypeGuards,
  toValue,
  toValueSync,
  Value,
} from 'liquidjs';
import { quickenHash, quickenValue, settled } from './quick-values.ts';
import { MeteredContext } from './render-within.ts';

/*
 * liquidjs writes out the least of templates through a dozen generators, since a promise could hide anywhere in the data.
 * What a webhook holds was parsed from JSON and hides none. So once, after a template was parsed, what shipped templates
 * are made of gets a way without generators: text, output, plain expressions, if, assign, capture, pieces. A mail takes
 * less than half the processor time for it, and says the same (test/template/quick-render.test.ts); everything else about
 * Liquid, and each tag not named here, stays liquidjs's.
 */

/**
 * Quickens parsed templates, and the pieces and layouts they use, in place. From then on their engine can only
 * `renderSync`, and must have been made without keepOutputType and catchAllErrors.
 */
export const quicken = (engine: Liquid, templates: readonly Template[]): void => {
  Object.assign(engine.renderer, { renderTemplates });
  if (!quickEngines.has(engine)) {
    Object.assign(engine, {
      _parsePartialFile: remembering((file) => engine.parseFileSync(file, LookupType.Partials)),
      _parseLayoutFile: remembering((file) => engine.parseFileSync(file, LookupType.Layouts)),
    });
  }
  quickEngines.add(engine);
  quickenAll(engine, templates, new Set());
};

const quickEngines = new WeakSet<Liquid>();

/** Finds a piece in one look; liquidjs's own memory of parsed files is behind a look-up in the folder. */
const remembering = (parse: (file: string) => Template[]): ((file: string) => Template[]) => {
  const pieces = new Map<string, Template[]>();
  return (file) => {
    const piece = pieces.get(file) ?? parse(file);
    pieces.set(file, piece);
    return piece;
  };
};

const quickenAll = (engine: Liquid, templates: readonly Template[], seen: Set<Template>): void => {
  for (const template of templates) {
    if (seen.has(template)) continue;
    seen.add(template);
    for (const part of template.arguments?.() ?? []) if (part instanceof Value) quickenValue(part);
    quickenAll(engine, childrenOf(engine, template), seen);
    if (template instanceof RenderTag) quickenHash((template as unknown as { readonly hash: Hash }).hash);
    const render = quickRender(template);
    if (render) Object.assign(template, { render });
  }
};

const childrenOf = (engine: Liquid, template: Template): Template[] => {
  try {
    const children = toValueSync(template.children?.(true, true)) as Template[] | undefined;
    // A layout is kept apart from the same file as a piece, and children() tells of the piece.
    const used = template.partialScope?.();
    const layout = used && !used.isolated ? toValueSync(engine._parseLayoutFile(used.name, true)) : [];
    return [...(children ?? []), ...layout];
  } catch {
    // A piece that can't be read is told of where templates are checked, or when one is rendered.
    return [];
  }
};

type Render = (context: Context, emitter: Emitter) => void;

const quickRender = (template: Template): Render | undefined => {
  const { token } = template;
  if (TypeGuards.isHTMLToken(token)) {
    const text = token.getContent();
    return (_, emitter) => emitter.write(text);
  }
  if (template instanceof Output) {
    const { value } = template;
    return (context, emitter) => emitter.write(settled(value.value(context, false)));
  }
  if (template instanceof IfTag) return quickIf(template);
  if (template instanceof AssignTag) return quickAssign(template);
  if (template instanceof CaptureTag) {
    const { variable, templates } = template;
    return (context) => {
      (context.bottom() as Record<string, unknown>)[variable] = renderTemplates(templates, context);
    };
  }
  return undefined;
};

const quickIf =
  ({ branches, elseTemplates = [] }: IfTag): Render =>
  (context, emitter) => {
    for (const { value, templates } of branches) {
      if (isTruthy(settled(value.value(context, false)), context)) {
        renderTemplates(templates, context, emitter);
        return;
      }
    }
    renderTemplates(elseTemplates, context, emitter);
  };

const quickAssign = (tag: AssignTag): Render | undefined => {
  const [variable] = tag.localScope();
  const [value] = tag.arguments();
  if (!variable || !(value instanceof Value)) return undefined;
  const name = variable.content;
  return (context) => {
    (context.bottom() as Record<string, unknown>)[name] = settled(value.value(context, false));
  };
};

/** As liquidjs's, which yields what each template gives, checks the time before each, and counts nothing that is written. */
const renderTemplates = (
  templates: readonly Template[],
  context: Context,
  emitter: Emitter = textEmitter(context),
): string => {
  context.renderLimit.check(performance.now());
  for (const template of templates) {
    try {
      const text = settled(template.render(context, emitter));
      if (text) emitter.write(text);
      if (context.breakCalled || context.continueCalled) break;
    } catch (error) {
      throw LiquidError.is(error) ? error : new RenderError(error as Error, template);
    }
  }
  return emitter.buffer;
};

const textEmitter = (context: Context): Emitter => {
  const meter = context instanceof MeteredContext ? context.meter : undefined;
  return {
    buffer: '',
    write(value: unknown) {
      const text = typeof value === 'string' ? value : stringify(value);
      meter?.write(text.length);
      this.buffer += text;
    },
  };
};

const stringify = (value: unknown): string => {
  const plain = toValue(value);
  if (plain === null || plain === undefined) return '';
  return Array.isArray(plain) ? plain.map(stringify).join('') : String(plain);
};
