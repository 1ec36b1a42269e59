import { Liquid } from 'liquidjs';
import { filters } from './filters.ts';

/** How data is escaped where a template writes it out; `none` is for plain text. */
export type Escape = (value: unknown) => string;

/**
 * A Liquid engine whose output is escaped by default (`| raw` opts out). A misspelt filter is an error; a field that the
 * data lacks is empty, since webhooks differ. `files` (content by name) is all that `layout` and `render` can reach: no
 * template reads the disk, and each of them is parsed once.
 */
export const createLiquid = (options: { escape: Escape; files?: Readonly<Record<string, string>> }): Liquid => {
  const engine = new Liquid({
    templates: Object.assign(Object.create(null), options.files),
    cache: true,
    outputEscape: options.escape,
    strictFilters: true,
    ownPropertyOnly: true,
    relativeReference: false,
    // Far above any template worth sending. What rendering may cost is another matter: see renderWithin.
    parseLimit: 1e6,
  });
  for (const [name, filter] of Object.entries(filters)) engine.registerFilter(name, filter);
  return engine;
};

/** Text as it is; null and undefined become empty, lists and objects JSON. */
export const plain: Escape = (value) => {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};

/**
 * Data as people write it: lists of plain values with commas, other lists and objects as JSON, nothing for what is missing.
 * Data may be anything JSON can say, also nested deeper than the stack: that has no text worth having.
 */
export const inWords: Escape = (value) => {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'object') return String(value);
  try {
    return Array.isArray(value) && value.every((item) => typeof item !== 'object')
      ? value.join(', ')
      : JSON.stringify(value);
  } catch {
    return '';
  }
};

const HTML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text for an HTML element or a quoted attribute. */
export const html: Escape = (value) => plain(value).replace(/[&<>"']/g, (character) => HTML[character] ?? character);
