import type { Reason } from '../core/rule.ts';
import { isTooCostly } from '../template/allowance.ts';
import type { View } from '../template/view.ts';
import type { Field } from './fields.ts';
import type { Checked } from './values.ts';

/** Why a part of an action could not be rendered. */
export type Shortfall = {
  readonly code: Reason['code'];
  /** The part, as it is called in the rules file. */
  readonly field: string;
  readonly text: string;
  /** What of the view the part is made from. */
  readonly variables: readonly string[];
};

/** Thrown to end the planning of an action after its shortfall was recorded. */
export class Unplannable extends Error {}

export type Rendering = {
  /** The text of a field; if it can't be rendered, records why and gives up the action. */
  text(name: string, field: Field): string;
  note(code: Reason['code'], name: string, text: string, field?: Field): void;
};

export const rendering = (view: View, reasons: Shortfall[]): Rendering => {
  const note: Rendering['note'] = (code, name, text, field) => {
    reasons.push({ code, field: name, text, variables: field?.variables ?? [] });
  };
  return {
    note,
    text: (name, field) => {
      try {
        return field.render(view);
      } catch (error) {
        // Liquid's message may repeat the data, so it is not kept.
        const what = isTooCostly(error) ? 'costs too much on this data, so it was stopped' : 'fails on this data';
        note('rule_error', name, `its Liquid ${what}${of(field)}`, field);
        throw new Unplannable();
      }
    },
  };
};

/** The value of a field; undefined if it has none, and its problem is recorded. */
export const checked = (result: Checked, name: string, field: Field, render: Rendering): string | undefined => {
  if ('value' in result) return result.value;
  render.note('invalid_field', name, `${subject(field)}${result.problem}`, field);
  return undefined;
};

/** The value of a field; if it has none, records its problem and gives up the action. */
export const required = (result: Checked, name: string, field: Field, render: Rendering): string => {
  const value = checked(result, name, field, render);
  if (value === undefined) throw new Unplannable();
  return value;
};

const of = ({ variables }: Field): string => (variables.length > 0 ? `: ${variables.join(', ')}` : '');

const subject = ({ variables }: Field): string =>
  variables.length > 0 ? `what it makes of ${variables.join(', ')} ` : '';
