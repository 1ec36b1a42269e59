import {
  type Context,
  type Filter,
  type Hash,
  isTruthy,
  type Scope,
  type Token,
  TypeGuards,
  toValueSync,
  type Value,
} from 'liquidjs';

/** Works out a part of a template; what it gives may be a generator of liquidjs's, which toValueSync runs. */
type Evaluate = (context: Context) => unknown;

/**
 * Gives a plain expression (paths and literals, compared or joined by `and` and `or`, with any filters) an evaluation without
 * generators, in place; any other keeps liquidjs's.
 */
export const quickenValue = (value: Value): void => {
  const start = quickExpression(value.initial.postfix);
  if (!start) return;
  const filters = value.filters.map(quickFilter);
  const evaluate: Evaluate = (context) => {
    let result = start(context);
    for (const filter of filters) result = settled(filter(result, context));
    return result;
  };
  // In place of a generator comes the value itself, which whoever asks for it takes just as well.
  Object.assign(value, { value: evaluate });
};

/** Operands come before their operator: `a b == c d == or`. */
const quickExpression = (postfix: readonly Token[]): Evaluate | undefined => {
  const operands: Evaluate[] = [];
  for (const token of postfix) {
    const made = TypeGuards.isOperatorToken(token)
      ? quickOperator(token.operator, operands.pop(), operands.pop())
      : quickOperand(token);
    if (!made) return undefined;
    operands.push(made);
  }
  return operands.length === 1 ? operands[0] : undefined;
};

const quickOperator = (operator: string, right?: Evaluate, left?: Evaluate): Evaluate | undefined => {
  if (operator === 'not' || !left || !right) return undefined;
  return (context) => {
    const one = left(context);
    const other = right(context);
    if (operator === 'or') return isTruthy(one, context) || isTruthy(other, context);
    if (operator === 'and') return isTruthy(one, context) && isTruthy(other, context);
    if (operator === '==' && isText(one) && isText(other)) return one === other;
    if (operator === '!=' && isText(one) && isText(other)) return one !== other;
    const compare = context.opts.operators[operator];
    return compare ? settled(compare(one, other, context)) : undefined;
  };
};

/** What a generator of liquidjs's comes to; anything else as it is, without asking it whether it is one. */
export const settled = (value: unknown): unknown => (typeof value === 'object' ? toValueSync(value) : value);

const isText = (value: unknown): boolean => typeof value === 'string';

/** What liquidjs's own evaluation of a path and of a filter goes through, which its types keep to itself. */
type InsideContext = { findScope(name: string | number): Scope };
type InsideFilter = {
  readonly handler: (...args: unknown[]) => unknown;
  readonly token: Token;
  readonly liquid: object;
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
  const [name = ''] = path;
  return (context) => {
    let value: unknown = (context as unknown as InsideContext).findScope(name);
    for (const step of path) value = settled(context.readProperty(value as Scope, step));
    return value;
  };
};

/** The same for the arguments of `render`: `title: data.title`. */
export const quickenHash = (hash: Hash): void => {
  const entries = Object.entries(hash.hash).map(([name, token]) => [name, quickOperand(token)] as const);
  if (!entries.every(isKnown)) return;
  Object.assign(hash, {
    render: (context: Context) => Object.fromEntries(entries.map(([name, evaluate]) => [name, evaluate(context)])),
  });
};

const isKnown = <Name>(entry: readonly [Name, Evaluate | undefined]): entry is readonly [Name, Evaluate] =>
  entry[1] !== undefined;

const quickFilter = (filter: Filter): ((value: unknown, context: Context) => unknown) => {
  const { handler, token, liquid } = filter as unknown as InsideFilter;
  const args = filter.args.map((arg) => (Array.isArray(arg) ? undefined : quickOperand(arg)));
  const known = args.filter((arg) => arg !== undefined);
  if (known.length < args.length) return (value, context) => filter.render(value, context);
  return (value, context) =>
    handler.apply({ context, token, liquid }, [value, ...known.map((argument) => argument(context))]);
};
