import { join } from 'node:path';
import { previewViews } from '../../src/commands/preview-views.ts';
import type { KnownType, Webhook } from '../../src/core/webhook.ts';
import { SAMPLES } from '../../src/samples/index.ts';
import { withBrand } from '../../src/template/brand.ts';
import { loadEmailTemplates } from '../../src/template/email.ts';
import type { RenderedEmail } from '../../src/template/library.ts';
import { type Known, viewOf } from '../../src/template/view.ts';
import { T0 } from '../support/builders.ts';

/* The mails that come with the bot, for tests about them. */

const { templates, problems } = await loadEmailTemplates(join(import.meta.dirname, '../../templates/email'));

export { problems };

export const NAMES = [...templates.keys()].sort();

const settings = { timezone: 'Europe/Berlin', locale: 'en-US', public_url: 'http://localhost:3000' };

export const BRAND = {
  name: 'Studio Zoë & Söhne',
  logo: 'https://studio.example/logo.png',
  color: '#8e44ad',
  footer: 'Studio Zoë & Söhne\nLinienstraße 12, 10178 Berlin',
};

export const SAMPLE_EVENT = SAMPLES['event.created'].data as Record<string, unknown>;

/** What one template makes of a webhook. */
export const render = (name: string, webhook: Webhook, known: Partial<Known> = {}): RenderedEmail => {
  const template = templates.get(name);
  if (!template) throw new Error(`there is no template ${name}`);
  return template.render(viewOf(webhook, { movedFrom: null, event: null, ...known }, settings));
};

/** The mail of a type's sample with some fields changed; `undefined` takes one away. */
export const mailOf = (
  type: KnownType,
  changes: Record<string, unknown> = {},
  known: Partial<Known> = {},
  name = type.replace('.', '-'),
): RenderedEmail => {
  const webhook = SAMPLES[type];
  return render(name, { ...webhook, data: { ...(webhook.data as object), ...changes } }, known);
};

const broken = { email: new Set<string>(), slack: new Set<string>() };
const library = { email: templates, slack: new Map(), problems: [], broken, mentions: [] };
const branded = withBrand(library, BRAND).email;
const bare = withBrand(library, { name: BRAND.name }).email;

/** All that `preview` would show of one template: ordinary and hostile data, without a brand and with one. */
export const everyMailOf = (name: string): (readonly [string, RenderedEmail])[] =>
  previewViews(name, { ...settings, publicUrl: settings.public_url }, T0).flatMap(({ name: data, view }) =>
    [
      ['', templates],
      [', with a logo', branded],
      [', with a name', bare],
    ].flatMap(([look, from]) => {
      const mail = (from as typeof templates).get(name)?.render(view);
      return mail ? [[`${data}${look}`, mail] as const] : [];
    }),
  );

const ENTITIES: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };

/** What a reader of the HTML part sees. */
export const textOfHtml = (html: string): string => {
  const body = html.slice(html.indexOf('</div>', html.indexOf('<body')));
  const text = body.replace(/<!--.*?-->|<[^>]*>/gs, '\n').replace(/&nbsp;|&#8202;/g, '');
  return text.replace(/&\w+;|&#39;/g, (entity) => ENTITIES[entity] ?? entity);
};

/** The two parts punctuate rows in their own way. */
export const words = (text: string): string[] => text.match(/[\p{L}\p{N}_'$]+/gu) ?? [];
