import { HtmlValidate } from 'html-validate';
import { describe, expect, test } from 'vitest';
import { everyMailOf, NAMES, textOfHtml, words } from './shipped.ts';

/** What mail programs need is looser than what browsers should get: styles on elements, tables for the look. */
const validator = new HtmlValidate({
  root: true,
  extends: ['html-validate:standard'],
  rules: {
    'attribute-boolean-style': 'off',
    'attribute-empty-style': 'off',
    'no-deprecated-attr': 'off',
    'no-inline-style': 'off',
    'no-implicit-input-type': 'off',
    'no-trailing-whitespace': 'off',
    'void-style': 'off',
    'aria-label-misuse': 'off',
    'no-conditional-comment': 'off',
    'long-title': 'off',
    'prefer-native-element': 'off',
  },
});

/** Gmail cuts a mail off behind so many bytes. */
const GMAIL_CLIPS = 102_000;

describe.each(NAMES)('%s, with ordinary and hostile data, with and without a brand', (name) => {
  const mails = everyMailOf(name);

  test('says the same in both parts', () => {
    for (const [data, { html, text }] of mails) {
      expect(words(textOfHtml(html)), data).toEqual(words(text));
    }
  });

  test('leaves nothing ugly', () => {
    for (const [data, { subject, html, text }] of mails) {
      expect(subject, data).toMatch(/^\S.*\S$/);
      for (const part of data.startsWith('hostile') ? [] : [subject, textOfHtml(html), text]) {
        expect(part, data).not.toMatch(/undefined|null|NaN|\[object|\{\{|\{%|Invalid Date/);
        expect(part, data).not.toMatch(/ [,:.]|\(\)|: *$/);
      }
      expect(text, data).not.toMatch(/\n{3}|[^\S\n]\n/);
    }
  });

  test('is HTML that an independent checker accepts', async () => {
    for (const [data, { html }] of mails) {
      const { results } = await validator.validateString(html);
      const said = results.flatMap(({ messages }) => messages.map(({ ruleId, message }) => `${ruleId}: ${message}`));
      expect(said, data).toEqual([]);
    }
  });

  test('needs nothing from elsewhere but the logo', () => {
    for (const [data, { html }] of mails) {
      const fetched = html.match(/(?:src|href)="[^"]*"|url\([^)]*\)|@import|<script/gi) ?? [];
      expect(fetched, data).toEqual(data.includes('logo') ? ['src="https://studio.example/logo.png"'] : []);
    }
  });

  test('is light, and never clipped', () => {
    for (const [data, { html }] of mails) {
      expect(Buffer.byteLength(html), data).toBeLessThan(data.startsWith('hostile') ? GMAIL_CLIPS : 20_000);
    }
  });

  test('tells its point in the line that lists of mails show, and nothing else there', () => {
    for (const [data, { html }] of mails) {
      const [, shown = ''] = /<div style="display:none;[^"]*">([^<]*)<\/div>/.exec(html) ?? [];
      // Behind the words, what keeps programs from filling the line up with the start of the text.
      expect(shown, data).toMatch(/^[^&]\S.*(?:&#847;&zwnj;&nbsp;){10}$/s);
    }
  });
});
