import { Liquid } from 'liquidjs';
import { filters } from './filters.ts';

/** How data is escaped where a template writes it out; `none` is for plain text. */
export type Escape = (value: unknown) => string;

/**
 * A Liquid engine whose output is escaped by default (`| raw` opts out). A misspelt filter is an error; a field that the
 * data lacks is empty, since webhooks differ. `root` is where `layout` and `render` look; without it both fail.
 */
export const createLiquid = (options: { escape: Escape; root?: string }): Liquid => {
  const engine = new Liquid({
    ...(options.root === undefined ? { templates: {} } : { root: options.root, extname: '' }),
    outputEscape: options.escape,
    strictFilters: true,
    ownPropertyOnly: true,
    relativeReference: false,
    // Far above any template worth sending; they stop a loop over hostile data, not a long mail.
    parseLimit: 1e6,
    renderLimit: 1000,
    memoryLimit: 1e8,
  });
  for (const [name, filter] of Object.entries(filters)) engine.registerFilter(name, filter);
  return engine;
};

/** Text as it is; null and undefined become empty. */
export const plain: Escape = (value) => (value === null || value === undefined ? '' : String(value));

const HTML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text for an HTML element or a quoted attribute. */
export const html: Escape = (value) => plain(value).replace(/[&<>"']/g, (character) => HTML[character] ?? character);
