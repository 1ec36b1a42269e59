import { messageOf } from '../core/errors.ts';
import { matchesType } from '../core/matches-type.ts';
import type { Action } from '../core/rule.ts';
import { nearest } from '../core/suggest.ts';
import { dataOf, KNOWN_TYPES, type KnownType } from '../core/webhook.ts';
import { SAMPLES } from '../samples/index.ts';
import type { TemplateLibrary } from '../template/library.ts';
import { type View, type ViewSettings, viewOf } from '../template/view.ts';
import type { CompiledAction, CompiledRule } from './compile.ts';
import type { Fault, Path } from './fault.ts';
import type { Field } from './fields.ts';
import { unknownPath, variablePaths } from './known-fields.ts';
import { type Defaults, planAction } from './plan-action.ts';
import type { Shortfall } from './rendering.ts';
import { unknownInConditions } from './unknown-fields.ts';

export type DryRunDeps = {
  readonly templates: TemplateLibrary;
  readonly settings: ViewSettings;
  readonly defaults: Defaults;
};

/**
 * Finds what is wrong with a rule before it meets real webhooks, by running it on the samples of the types it subscribes to,
 * whether or not its conditions hold.
 */
export const dryRun = (compiled: CompiledRule, deps: DryRunDeps): Fault[] => {
  const types = KNOWN_TYPES.filter((type) => matchesType(compiled.rule.on, type));
  return [
    ...unknownTypes(compiled.rule.on),
    ...(types.length > 0 ? unknownInConditions(compiled.rule.when ?? {}, types) : []),
    ...compiled.actions.flatMap((action, index) => [
      ...(types.length > 0 ? unknownVariables(action, index, types) : []),
      ...shortfalls(action, index, types, deps),
    ]),
    ...compiled.rule.actions.flatMap((action, index) => templateFaults(action, index, types, deps)),
  ];
};

const unknownTypes = (on: readonly string[]): Fault[] =>
  on.flatMap((pattern, index) => {
    if (KNOWN_TYPES.some((type) => matchesType([pattern], type))) return [];
    const meant = nearest(pattern, KNOWN_TYPES);
    const suggestion = meant === undefined ? '' : `; did you mean ${meant}?`;
    return [
      { severity: 'warning', path: ['on', index], message: `WebKasa documents no type like ${pattern}${suggestion}` },
    ];
  });

const unknownVariables = (action: CompiledAction, index: number, types: readonly KnownType[]): Fault[] => {
  const known = variablePaths(types);
  return fieldsOf(action).flatMap(({ field, path }) =>
    field.variables.flatMap((variable): Fault[] => {
      const message = unknownPath(variable, known);
      return message === undefined
        ? []
        : [{ severity: 'warning', path: ['actions', index, action.kind, ...path], message }];
    }),
  );
};

type NamedField = { readonly field: Field; readonly path: Path };

const fieldsOf = (action: CompiledAction): NamedField[] => {
  switch (action.kind) {
    case 'email':
      return [
        ...action.to.map((field, index) => ({ field, path: action.to.length > 1 ? ['to', index] : ['to'] })),
        ...named({ subject: action.subject, reply_to: action.replyTo }),
      ];
    case 'slack':
      return named({ channel: action.channel, text: action.text });
    case 'sheet':
      return [
        ...named('file' in action.place ? { file: action.place.file } : { tab: action.place.tab }),
        ...action.columns.map(([name, field]) => ({ field, path: ['columns', name] })),
      ];
  }
};

const named = (fields: Readonly<Record<string, Field | undefined>>): NamedField[] =>
  Object.entries(fields).flatMap(([name, field]) => (field ? [{ field, path: [name] }] : []));

/** A sample with its context: what it moved and changed, and for a registration its event. */
const fullView = (type: KnownType, settings: ViewSettings): View =>
  viewOf(
    SAMPLES[type],
    {
      movedFrom: '2027-02-14T10:00:00.000Z',
      changedFrom: changedSample(type),
      event: eventFor(type),
      ...(type.startsWith('event.') && { registration: { data: dataOf(SAMPLES['registration.created']) } }),
    },
    settings,
  );

/** Pretends that every field had another value of the same form before. */
const changedSample = (type: KnownType): Readonly<Record<string, unknown>> => {
  const { id: _, ...data } = dataOf(SAMPLES[type]);
  return data;
};

const bareView = (type: KnownType, settings: ViewSettings): View =>
  viewOf(SAMPLES[type], { movedFrom: null, event: null }, settings);

const eventFor = (type: KnownType): View['event'] =>
  type.startsWith('registration.') ? dataOf(SAMPLES['event.created']) : null;

/**
 * The parts of an action that can't be rendered. If the sample has all the variables, the rule is at fault; if it lacks one,
 * real webhooks may still have it, so that is only worth a warning, and only if no sample has it.
 */
const shortfalls = (action: CompiledAction, index: number, types: readonly KnownType[], deps: DryRunDeps): Fault[] => {
  const found = new Map<string, { shortfall: Shortfall; types: KnownType[]; sure: boolean }>();
  for (const type of types) {
    const view = fullView(type, deps.settings);
    for (const shortfall of planAction(action, view, deps.defaults).reasons) {
      const key = `${shortfall.field} ${shortfall.text}`;
      const entry = found.get(key) ?? { shortfall, types: [], sure: false };
      entry.types.push(type);
      entry.sure ||= shortfall.variables.every((variable) => hasValue(view, variable));
      found.set(key, entry);
    }
  }
  return [...found.values()]
    .filter((entry) => entry.sure || entry.types.length === types.length)
    .map(({ shortfall, types: failing, sure }) => ({
      ...(!sure && { severity: 'warning' as const }),
      path: ['actions', index, action.kind, ...steps(shortfall.field)],
      message: `${shortfall.text} (tried on ${failing.join(', ')})`,
    }));
};

/** `to[1]` → `to`, 1; `columns.Start.` → `columns`, `Start.` */
const steps = (field: string): Path => {
  const [, list, index] = /^(\w+)\[(\d+)\]$/.exec(field) ?? [];
  if (list !== undefined) return [list, Number(index)];
  return field.startsWith('columns.') ? ['columns', field.slice('columns.'.length)] : [field];
};

const hasValue = (view: View, variable: string): boolean => {
  let value: unknown = view;
  for (const step of variable.split('.')) {
    if (typeof value !== 'object' || value === null) return false;
    value = Reflect.get(value, step);
  }
  return value !== undefined && value !== null && value !== '';
};

const templateFaults = (action: Action, index: number, types: readonly KnownType[], deps: DryRunDeps): Fault[] => {
  const name =
    action.kind === 'email' ? action.email.template : action.kind === 'slack' ? action.slack.template : undefined;
  if (action.kind === 'sheet' || name === undefined) return [];
  const path = ['actions', index, action.kind, 'template'];
  const folder = deps.templates[action.kind];
  const template = folder.get(name);
  if (!template) {
    const broken = deps.templates.broken[action.kind];
    // One that could not be compiled has a problem of its own, which says more than "unknown".
    if (broken === 'all' || broken.has(name)) return [];
    return [{ path, message: unknownTemplate(name, [...folder.keys(), ...broken]) }];
  }
  for (const type of types) {
    try {
      template.render(fullView(type, deps.settings));
      template.render(bareView(type, deps.settings));
    } catch (error) {
      return [{ path, message: `the template "${name}" fails on a ${type}: ${messageOf(error).split('\n')[0]}` }];
    }
  }
  return [];
};

const unknownTemplate = (name: string, names: readonly string[]): string => {
  const meant = nearest(name, names);
  const known = names.filter((key) => !key.startsWith('_')).join(', ');
  return `there is no template "${name}"; ${meant === undefined ? `there are ${known || 'none'}` : `did you mean "${meant}"?`}`;
};
