import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { previewViews } from '../../src/commands/preview-views.ts';
import { withBrand } from '../../src/template/brand.ts';
import { html } from '../../src/template/engine.ts';
import { loadTemplates } from '../../src/template/load.ts';
import type { Brand } from '../../src/template/view.ts';
import { photograph } from './photograph.ts';

/*
 * Pictures of the mails that come with the bot: node test/support/mail-pictures.ts FOLDER [NAME …]
 * One for each template, look, width and colour scheme, with all of preview's data side by side.
 * The one of the README: node test/support/mail-pictures.ts docs/images docs
 */

const [folder = 'pictures', ...wanted] = process.argv.slice(2);
const CONFIG = { timezone: 'Europe/Berlin', locale: 'en-US', publicUrl: 'http://localhost:3000' };
/** The samples tell of the days that follow. */
const NOW = Date.UTC(2027, 1, 5);

const LOGO =
  '<svg xmlns="http://www.w3.org/2000/svg" width="280" height="80"><text y="55" font-size="50" font-family="serif" fill="#433322">Studio Zoë</text></svg>';
const LOOKS: Readonly<Record<string, Brand>> = {
  plain: {},
  brand: {
    name: 'Studio Zoë',
    logo: `data:image/svg+xml,${encodeURIComponent(LOGO)}`,
    color: '#8e44ad',
    footer: 'Studio Zoë\nLinienstraße 12, 10178 Berlin',
  },
};

const library = await loadTemplates(join(import.meta.dirname, '../../templates'));

const mailsOf = (template: string, brand: Brand): { readonly data: string; readonly page: string }[] =>
  previewViews(template, CONFIG, NOW).map(({ name, view }) => ({
    data: name,
    page: withBrand(library, brand).email.get(template)?.render(view).html ?? '',
  }));

/** Each mail in a frame as wide as a screen, as high as it is, under the name of its data. */
const sheetOf = (mails: ReturnType<typeof mailsOf>, width: number, dark: boolean): string =>
  `<!doctype html><meta charset="utf-8"><meta name="color-scheme" content="${dark ? 'dark' : 'light'}">
<style>body{margin:0;display:flex;gap:8px;align-items:flex-start;background:${dark ? '#000' : '#bbb'};font:12px sans-serif}iframe{border:0;display:block}</style>
${mails.map(({ data, page }) => `<div>${data}<iframe width="${width}" srcdoc="${html(page)}"></iframe></div>`).join('')}
<script>addEventListener('load', () => { for (const frame of document.querySelectorAll('iframe')) frame.height = frame.contentDocument.documentElement.scrollHeight })</script>`;

await mkdir(folder, { recursive: true });
if (wanted[0] === 'docs') {
  const [mail] = mailsOf('booking-confirmed', {});
  await photograph(mail?.page ?? '', join(folder, 'booking-confirmed.png'), { width: 500 });
} else {
  for (const template of [...library.email.keys()].filter((name) => wanted.length === 0 || wanted.includes(name))) {
    for (const [look, brand] of Object.entries(LOOKS)) {
      const mails = mailsOf(template, brand);
      for (const width of [320, 700]) {
        for (const dark of [false, true]) {
          const file = join(folder, `${template}.${look}.${width}.${dark ? 'dark' : 'light'}.png`);
          await photograph(sheetOf(mails, width, dark), file, { width: (width + 8) * mails.length, dark });
        }
      }
    }
  }
}
