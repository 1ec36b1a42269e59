import { messageOf } from '../core/errors.ts';
import {
  type Action,
  type Decision,
  type EmailAction,
  EVERYONE_REGISTERED,
  type Reason,
  type Rule,
  type SheetAction,
  type SlackAction,
  type SlackStyle,
  type UsefulUntil,
  type WhenLate,
} from '../core/rule.ts';
import { conditionFaults } from './condition-syntax.ts';
import { type CompiledCondition, compileCondition } from './conditions.ts';
import { everyoneFaults } from './everyone.ts';
import { type Fault, type Path, under } from './fault.ts';
import type { Field, FieldCompiler } from './fields.ts';

export type CompiledEmail = {
  readonly kind: 'email';
  readonly late: WhenLate;
  readonly to: readonly Field[];
  /** The attendee's own name and address: the name is shown beside this address and no other. */
  readonly name: Field;
  readonly attendeeEmail: Field;
  readonly template: string;
  readonly subject: Field | undefined;
  readonly replyTo: Field | undefined;
  readonly fromName: Field | undefined;
  readonly cc: readonly Field[];
  readonly bcc: readonly Field[];
  readonly invite: boolean | undefined;
  /** In milliseconds. */
  readonly hold: number;
  readonly until: UsefulUntil | undefined;
};
export type CompiledSlack = {
  readonly kind: 'slack';
  readonly late: WhenLate;
  readonly as: SlackStyle;
  readonly channel: Field | undefined;
  readonly template: string | undefined;
  readonly text: Field | undefined;
};
export type CompiledSheet = {
  readonly kind: 'sheet';
  readonly late: WhenLate;
  readonly place: { readonly file: Field } | { readonly google: string; readonly tab: Field };
  readonly key: string | undefined;
  readonly columns: readonly (readonly [name: string, cell: Field])[];
};
export type CompiledAction = CompiledEmail | CompiledSlack | CompiledSheet;

/** A rule with its condition and all its strings compiled once, so that thousands of decisions a second can be made. */
export type CompiledRule = {
  readonly id: string;
  readonly rule: Rule;
  readonly condition: CompiledCondition | undefined;
  readonly actions: readonly CompiledAction[];
  /** The decision on every webhook of a type that the rule does not ask for. */
  readonly otherType: Decision;
  /** Set while the rule is paused: why it plans nothing for webhooks that match. */
  readonly paused?: Reason;
};

/** Compiles a rule, or names everything that keeps it from being compiled; paths lead from the rule. */
export const compileRule = (
  rule: Rule,
  compiler: FieldCompiler,
): { readonly compiled: CompiledRule } | { readonly faults: readonly Fault[] } => {
  const faults: Fault[] = [...(rule.when ? under(['when'], conditionFaults(rule.when)) : []), ...everyoneFaults(rule)];
  const actions = rule.actions.map((action, index) =>
    compileAction(action, collecting(compiler, ['actions', index, action.kind], faults)),
  );
  if (faults.length > 0) return { faults };
  return {
    compiled: {
      id: rule.id,
      rule,
      condition: rule.when && compileCondition(rule.when),
      actions,
      otherType: otherTypeOf(rule),
    },
  };
};

/** What a rule decides on every webhook of a type that it does not ask for. */
export const otherTypeOf = ({ id, on }: Pick<Rule, 'id' | 'on'>, asks = 'on asks for'): Decision => ({
  rule: id,
  planned: [],
  reasons: [{ code: 'other_type', text: `${asks} ${on.join(', ')}` }],
});

type Compile = (template: string, ...path: Path) => Field;
type Compilers = { readonly text: Compile; readonly mrkdwn: Compile };

const NO_FIELD: Field = { render: () => '', variables: [] };

/** A marker in `to`, compared by identity: by its text an attendee could give it as their address. */
export const EVERYONE: Field = { render: () => EVERYONE_REGISTERED, variables: [] };

/** Compilers that note what is wrong, and where, instead of throwing, so that all of it is told at once. */
const collecting = (compiler: FieldCompiler, at: Path, faults: Fault[]): Compilers => {
  const noting =
    (compile: (template: string) => Field): Compile =>
    (template, ...path) => {
      try {
        return compile(template);
      } catch (error) {
        faults.push({ path: [...at, ...path], message: liquidMessage(error) });
        return NO_FIELD;
      }
    };
  return { text: noting(compiler.text), mrkdwn: noting(compiler.mrkdwn) };
};

/** Without Liquid's own line and column, which count from the start of the string. */
const liquidMessage = (error: unknown): string =>
  `its Liquid can't be read: ${(messageOf(error).split('\n')[0] ?? '').replace(/, line:\d+, col:\d+$/, '')}`;

const compileAction = (action: Action, compile: Compilers): CompiledAction => {
  switch (action.kind) {
    case 'email':
      return compileEmail(action.email, compile);
    case 'slack':
      return compileSlack(action.slack, compile);
    case 'sheet':
      return compileSheet(action.sheet, compile);
  }
};

const compileEmail = (email: EmailAction, { text }: Compilers): CompiledEmail => ({
  kind: 'email',
  late: email.late ?? 'skip',
  to: compileEach(email.to, 'to', (one, ...path) => (one === EVERYONE_REGISTERED ? EVERYONE : text(one, ...path))),
  name: text('{{ data.attendee_name }}'),
  attendeeEmail: text('{{ data.attendee_email }}'),
  template: email.template,
  subject: email.subject === undefined ? undefined : text(email.subject, 'subject'),
  replyTo: email.reply_to === undefined ? undefined : text(email.reply_to, 'reply_to'),
  fromName: email.from_name === undefined ? undefined : text(email.from_name, 'from_name'),
  cc: compileEach(email.cc ?? [], 'cc', text),
  bcc: compileEach(email.bcc ?? [], 'bcc', text),
  invite: email.invite,
  hold: (email.hold ?? 0) * 1000,
  until: email.until,
});

/** The fields of a place that takes one or a list. */
const compileEach = (written: string | readonly string[], name: string, text: Compile): Field[] =>
  typeof written === 'string' ? [text(written, name)] : written.map((one, index) => text(one, name, index));

const compileSlack = (slack: SlackAction, { text, mrkdwn }: Compilers): CompiledSlack => ({
  kind: 'slack',
  late: slack.late ?? (slack.as === 'plain' ? 'skip' : 'deliver'),
  as: slack.as ?? 'card',
  channel: slack.channel === undefined ? undefined : text(slack.channel, 'channel'),
  template: slack.template,
  text: slack.text === undefined ? undefined : mrkdwn(slack.text, 'text'),
});

const compileSheet = (sheet: SheetAction, { text }: Compilers): CompiledSheet => ({
  kind: 'sheet',
  // Rows without a key are a log; one with a key shows the newest state.
  late: sheet.late ?? (sheet.key === undefined ? 'deliver' : 'skip'),
  place:
    sheet.google === undefined
      ? { file: text(sheet.file ?? '', 'file') }
      : { google: sheet.google, tab: text(sheet.tab ?? '', 'tab') },
  key: sheet.key,
  columns: Object.entries(sheet.columns).map(([name, cell]) => [name, text(cell, 'columns', name)]),
});
