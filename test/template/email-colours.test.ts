import { expect, test } from 'vitest';
import { everyMailOf, NAMES } from './shipped.ts';

/* Colours are told twice: on the elements for light, and by class for dark. */

const mails = NAMES.flatMap((name) => everyMailOf(name).map(([data, { html }]) => [`${name} ${data}`, html] as const));

const DARK = /@media \(prefers-color-scheme: dark\) \{([\s\S]*?\})\s*\}/;

/** What a class has in the dark, by the rules of the mail. */
const inTheDark = (html: string, name: string, property: 'background' | 'color'): string => {
  const [, rules = ''] = DARK.exec(html) ?? [];
  const rule = rules.split('}').find((text) =>
    text
      .split('{')[0]
      ?.split(',')
      .some((part) => part.trim() === `.${name}`),
  );
  return new RegExp(`(?:^|[\\s;{])${property}: (#[0-9a-f]{6}) !important`).exec(rule ?? '')?.[1] ?? 'none';
};

/** WCAG 2.2's relative luminance. */
const luminance = (colour: string): number => {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

const contrast = (one: string, other: string): number => {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
};

test('the measure is right', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21);
  expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
});

/** WCAG AA for text of ordinary size. */
const ENOUGH = 4.5;

test('words stand out from what is behind them, in light', () => {
  for (const [name, html] of mails) {
    const body = html.slice(html.indexOf('<body'));
    const inks = [...new Set([...body.matchAll(/[";]color:(#[0-9a-f]{6})/g)].map(([, ink = '']) => ink))];
    // The preview line's own colour is for nobody to see.
    for (const ink of inks.filter((each) => each !== '#ffffff')) {
      for (const paper of ['#ffffff', '#f5f7f9'])
        expect(contrast(ink, paper), `${name}: ${ink} on ${paper}`).toBeGreaterThan(ENOUGH);
    }
    expect(inks.length, name).toBeGreaterThan(1);
  }
});

test('words stand out from what is behind them, in the dark', () => {
  const [[, html = ''] = []] = mails;
  for (const ink of ['ink', 'soft']) {
    for (const paper of ['card', 'panel']) {
      const colours = [inTheDark(html, ink, 'color'), inTheDark(html, paper, 'background')] as const;
      expect(contrast(...colours), `${ink} on ${paper}: ${colours}`).toBeGreaterThan(ENOUGH);
      expect(luminance(colours[1]), paper).toBeLessThan(0.1);
    }
  }
});

test('every colour of light has one for the dark', () => {
  for (const [name, html] of mails) {
    expect(DARK.test(html), name).toBe(true);
    expect(html, name).toContain('<meta name="color-scheme" content="light dark" />');
    const body = html.slice(html.indexOf('<body'));
    for (const [tag] of body.matchAll(/<(?:td|div|table|span|p|h1)\b[^>]*>/g)) {
      const [, ink] = /[";]color:(#[0-9a-f]{6})/.exec(tag) ?? [];
      const [, paper] = /background(?:-color)?:(#[0-9a-f]{6})/.exec(tag) ?? [];
      const [, classes = ''] = /class="([^"]*)"/.exec(tag) ?? [];
      // MJML's own box for text has no class, and is meant by that of the cell around it.
      const box = tag.startsWith('<div style="font-family') || tag.startsWith('<div\nstyle="font-family');
      if (ink && !box && !tag.includes('display:none')) expect(classes, `${name}: ${tag}`).toMatch(/\b(?:ink|soft)\b/);
      const outer = tag.includes('role="presentation" style="background') || tag.includes('role="article"');
      if (paper && !outer && !tag.includes('height:5px'))
        expect(classes, `${name}: ${tag}`).toMatch(/\b(?:gap|card|panel)\b/);
    }
    // Text of MJML's own takes its colour for the dark from the class of its cell.
    const cells = [...body.matchAll(/<td\nalign="left" class="([^"]*)"/g)].map(([, classes = '']) => classes);
    expect(cells.length, name).toBeGreaterThan(2);
    for (const classes of cells.filter((each) => each !== 'bar' && each !== 'words')) {
      expect(classes, name).toMatch(/\b(?:ink|soft)\b/);
    }
  }
});
