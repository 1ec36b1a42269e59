import {
  type Context,
  type Liquid,
  LookupType,
  type Template,
  type Token,
  TypeGuards,
  toValueSync,
  Value,
} from 'liquidjs';

/*
 * liquidjs evaluates the least expression through a dozen generators, since a promise could hide anywhere in the data.
 * What a webhook holds was parsed from JSON and hides none. So once, after a template was parsed, its plain expressions
 * (a path or a literal, or a comparison of two, with any filters) get an evaluation without them. A mail takes a third
 * less of the processor for it (test/template/quick-values.test.ts shows that it says the same); everything else about
 * Liquid stays liquidjs's.
 */

/** Quickens parsed templates, and the pieces and layouts they use, in place. */
export const quickenValues = (engine: Liquid, templates: readonly Template[], seen = new Set<Template>()): void => {
  for (const template of templates) {
    if (seen.has(template)) continue;
    seen.add(template);
    for (const part of template.arguments?.() ?? []) if (part instanceof Value) quicken(part);
    const children: unknown = toValueSync(template.children?.(true, true));
    if (Array.isArray(children)) quickenValues(engine, children, seen);
    // A layout is kept apart from the same file as a piece, and children() tells of the piece.
    const used = template.partialScope?.();
    if (used && !used.isolated) quickenValues(engine, engine.parseFileSync(used.name, LookupType.Layouts), seen);
  }
};

type Evaluate = (context: Context) => unknown;

const quicken = (value: Value): void => {
  const start = quickExpression(value.initial.postfix);
  if (!start) return;
  const { filters } = value;
  const evaluate: Evaluate = (context) => {
    let result = start(context);
    for (const filter of filters) result = toValueSync(filter.render(result, context));
    return result;
  };
  // In place of a generator comes the value itself, which whoever asks for it takes just as well.
  Object.assign(value, { value: evaluate });
};

const quickExpression = (postfix: readonly Token[]): Evaluate | undefined => {
  const [left, right, comparison] = postfix;
  const first = quickOperand(left);
  if (postfix.length === 1) return first;
  const second = quickOperand(right);
  if (postfix.length !== 3 || !first || !second || !TypeGuards.isOperatorToken(comparison)) return undefined;
  const { operator } = comparison;
  return (context) => {
    const compare = context.opts.operators[operator];
    return compare ? toValueSync(compare(first(context), second(context), context)) : undefined;
  };
};

const quickOperand = (token: Token | undefined): Evaluate | undefined => {
  if (!token) return undefined;
  if ('content' in token) return () => token.content;
  if (!TypeGuards.isPropertyAccessToken(token) || token.variable) return undefined;
  const path: (string | number)[] = [];
  for (const step of token.props) {
    const name = 'content' in step ? step.content : undefined;
    if (typeof name !== 'string' && typeof name !== 'number') return undefined;
    path.push(name);
  }
  return (context) => toValueSync(context._get(path));
};
