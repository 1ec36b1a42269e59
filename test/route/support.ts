import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { resourceKey } from '../../src/core/resource.ts';
import type { Rule } from '../../src/core/rule.ts';
import type { Webhook } from '../../src/core/webhook.ts';
import { type CompiledRule, compileRule } from '../../src/route/compile.ts';
import { createFieldCompiler } from '../../src/route/fields.ts';
import type { DecisionInput } from '../../src/route/plan.ts';
import { type LoadedRulebook, loadRulebook, type RulebookOptions } from '../../src/route/rulebook.ts';
import { RuleSchema, toRule } from '../../src/route/schema.ts';
import type { EmailTemplate, SlackTemplate, TemplateLibrary } from '../../src/template/library.ts';
import { viewOf } from '../../src/template/view.ts';

export const SETTINGS = { timezone: 'UTC', locale: 'en-US', public_url: 'http://localhost:3000' };

export const RECEIVED_AT = Date.parse('2027-01-15T12:00:00Z');

const emailTemplate = (name: string): EmailTemplate => ({
  name,
  render: (view) => ({ subject: view.id, html: `<p>${view.id}</p>`, text: view.id }),
});
const slackTemplate = (name: string): SlackTemplate => ({ name, render: (view) => ({ text: view.id, blocks: [] }) });

/** Templates by these names that say nothing but the webhook's id. */
export const aLibrary = (
  names: { email?: readonly string[]; slack?: readonly string[] } = {},
  problems: TemplateLibrary['problems'] = [],
  broken: Partial<TemplateLibrary['broken']> = {},
): TemplateLibrary => ({
  email: new Map((names.email ?? ['booking-created', 'booking-confirmed']).map((name) => [name, emailTemplate(name)])),
  slack: new Map((names.slack ?? ['booking', 'event']).map((name) => [name, slackTemplate(name)])),
  problems,
  mentions: [],
  broken: { email: new Set<string>(), slack: new Set<string>(), ...broken },
});

export const aWebhook = (changes: Partial<Webhook> = {}): Webhook => ({
  id: 'wh_evt_1',
  type: 'booking.created',
  created_at: '2027-01-15T10:30:00Z',
  data: {
    id: 'bk_1',
    schedule_id: 'sch_1',
    status: 'PENDING',
    start_time: '2027-02-15T10:00:00Z',
    attendee_name: 'John Doe',
    attendee_email: 'john@example.com',
  },
  ...changes,
});

/** What the router hands over for a webhook; `movedFrom` as an instant where it moved its booking. */
export const inputFor = (webhook: Webhook, movedFrom: string | null = null): DecisionInput => ({
  webhook,
  view: viewOf(webhook, { movedFrom, event: null }, SETTINGS),
  receivedAt: RECEIVED_AT,
  key: resourceKey(webhook),
  movedFrom,
  defaults: { slackChannel: '#bookings' },
});

/** One rule from its YAML, without the dash; `on: ["*"]` and the id `r` unless it says otherwise. */
export const aRule = (yaml: string): Rule => toRule(RuleSchema.parse({ id: 'r', on: ['*'], ...parse(yaml) }));

export const aCompiledRule = (yaml: string): CompiledRule => {
  const outcome = compileRule(aRule(yaml), createFieldCompiler());
  if ('faults' in outcome) throw new Error(JSON.stringify(outcome.faults));
  return outcome.compiled;
};

/** A folder that is removed when the test is over. */
export const aFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'webkasa-rules-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

/** Loads a rules file with this text, in a folder of its own. */
export const loadText = async (text: string, options: Partial<RulebookOptions> = {}): Promise<LoadedRulebook> => {
  const rulesFile = join(await aFolder(), 'rules.yaml');
  await writeFile(rulesFile, text);
  return loadRulebook({
    rulesFile,
    templates: aLibrary(),
    settings: SETTINGS,
    slackChannel: '#bookings',
    ...options,
  });
};
