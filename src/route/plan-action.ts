import type { PlannedAction } from '../core/delivery.ts';
import type { View } from '../template/view.ts';
import type { CompiledAction, CompiledSheet, CompiledSlack } from './compile.ts';
import { emailTargets } from './plan-email.ts';
import { type Rendering, rendering, required, type Shortfall, Unplannable } from './rendering.ts';
import { sheetFile, sheetTab, slackChannel } from './values.ts';

export type Defaults = {
  /** Where Slack actions without a channel of their own go (SLACK_CHANNEL). */
  readonly slackChannel: string;
};

/** One thing to deliver; `recipient` is its place in the action's list. */
export type Target = { readonly recipient: number; readonly destination: string; readonly action: PlannedAction };

export type ActionPlan = { readonly targets: readonly Target[]; readonly reasons: readonly Shortfall[] };

/** Renders an action for one webhook: what can be delivered, and what can't and why. Never throws. */
export const planAction = (action: CompiledAction, view: View, defaults: Defaults): ActionPlan => {
  const reasons: Shortfall[] = [];
  try {
    return { targets: targetsOf(action, rendering(view, reasons), defaults), reasons };
  } catch (error) {
    if (!(error instanceof Unplannable)) {
      reasons.push({ code: 'rule_error', field: '*', text: 'it could not be planned for this webhook', variables: [] });
    }
    return { targets: [], reasons };
  }
};

const targetsOf = (action: CompiledAction, render: Rendering, defaults: Defaults): Target[] => {
  switch (action.kind) {
    case 'email':
      return emailTargets(action, render);
    case 'slack':
      return [slackTarget(action, render, defaults)];
    case 'sheet':
      return [sheetTarget(action, render)];
  }
};

const slackTarget = (slack: CompiledSlack, render: Rendering, defaults: Defaults): Target => {
  const named = slack.channel ?? { render: () => defaults.slackChannel, variables: [] };
  const channel = required(slackChannel(render.text('channel', named)), 'channel', named, render);
  const text = slack.text && render.text('text', slack.text).trim();
  if (text === '') {
    render.note('invalid_field', 'text', 'there is nothing to say: it is empty for this webhook', slack.text);
    throw new Unplannable();
  }
  return {
    recipient: 0,
    destination: `slack:${channel}`,
    action: {
      kind: 'slack',
      slack: {
        channel,
        ...(slack.template !== undefined && { template: slack.template }),
        ...(text && { text }),
        as: slack.as,
      },
    },
  };
};

const sheetTarget = (sheet: CompiledSheet, render: Rendering): Target => {
  const place = sheetPlace(sheet, render);
  const columns = Object.fromEntries(
    sheet.columns.map(([name, cell]) => [name, render.text(`columns.${name}`, cell)] as const),
  );
  const key = sheet.key;
  if (key !== undefined && columns[key]?.trim() === '') {
    const field = sheet.columns.find(([name]) => name === key)?.[1];
    render.note(
      'invalid_field',
      `columns.${key}`,
      'is the key and is empty, so the row can not be told from others',
      field,
    );
    throw new Unplannable();
  }
  return {
    recipient: 0,
    destination: 'file' in place ? `sheet:${place.file}` : `sheet:google:${place.google}/${place.tab}`,
    action: { kind: 'sheet', sheet: { ...place, columns, ...(key !== undefined && { key }) } },
  };
};

type SheetPlace = { readonly file: string } | { readonly google: string; readonly tab: string };

const sheetPlace = ({ place }: CompiledSheet, render: Rendering): SheetPlace =>
  'file' in place
    ? { file: required(sheetFile(render.text('file', place.file)), 'file', place.file, render) }
    : { google: place.google, tab: required(sheetTab(render.text('tab', place.tab)), 'tab', place.tab, render) };
