import type { Liquid } from 'liquidjs';
import { createAllowance, FIELD_LIMITS } from '../template/allowance.ts';
import { createLiquid, inWords } from '../template/engine.ts';
import { quicken } from '../template/quick-render.ts';
import { renderWithin } from '../template/render-within.ts';
import { createSlackLiquid } from '../template/slack-liquid.ts';
import type { View } from '../template/view.ts';

/** A string of a rule, compiled once. */
export type Field = {
  /** The text for one webhook. Throws only where a filter can't make anything of the data, or it would cost too much. */
  render(view: View): string;
  /** Paths of the variables it takes from the view, e.g. `data.attendee_email`; empty for a fixed text. */
  readonly variables: readonly string[];
};

/** Compiles the strings of rules; each method throws where the Liquid in a string is wrong. */
export type FieldCompiler = {
  /** For addresses, names, files and cells: data is written out as it is. */
  text(template: string): Field;
  /** For Slack's mrkdwn: data can't become a mention, a link or formatting. */
  mrkdwn(template: string): Field;
};

export const createFieldCompiler = (): FieldCompiler => {
  const text = createLiquid({ escape: inWords });
  const slack = createSlackLiquid().mrkdwn;
  return {
    text: (template) => compileField(text, template),
    mrkdwn: (template) => compileField(slack, template),
  };
};

const compileField = (engine: Liquid, template: string): Field => {
  if (!/\{[{%]/.test(template)) return { render: () => template, variables: [] };
  const parsed = engine.parse(template);
  quicken(engine, parsed);
  const variables = engine.globalVariableSegmentsSync(parsed, { partials: false }).map(pathOf);
  const within = createAllowance(FIELD_LIMITS);
  return {
    render: (view) => within((meter) => renderWithin(engine, parsed, view, meter)).toWellFormed(),
    variables: [...new Set(variables)],
  };
};

/** Up to the first part that only the data can tell, as in `data[field]`. */
const pathOf = (segments: readonly unknown[]): string => {
  const end = segments.findIndex((segment) => Array.isArray(segment));
  return (end < 0 ? segments : segments.slice(0, end)).join('.');
};
