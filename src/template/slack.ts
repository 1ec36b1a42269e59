import { readdir, readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { messageOf } from '../core/errors.ts';
import type { Problem } from '../core/problem.ts';
import type { Broken, RenderedSlack, SlackTemplate } from './library.ts';
import { compileSlackTemplate } from './slack-compile.ts';
import { cut, tidy } from './slack-fit.ts';
import { createSlackLiquid } from './slack-liquid.ts';
import { LIMITS } from './slack-schema.ts';

/**
 * Reads and compiles every `*.yaml` in a folder, `bookings.yaml` as `bookings`. Never rejects: whatever can't be read or
 * compiled is a problem, and the others still work.
 */
export const loadSlackTemplates = async (
  dir: string,
): Promise<{ templates: Map<string, SlackTemplate>; problems: Problem[]; broken: Broken }> => {
  const liquid = createSlackLiquid();
  const templates = new Map<string, SlackTemplate>();
  const problems: Problem[] = [];
  let files: string[] = [];
  try {
    files = (await readdir(dir)).sort();
  } catch (error) {
    problems.push({ severity: 'error', file: dir, message: `The folder can't be read: ${messageOf(error)}` });
    return { templates, problems, broken: 'all' };
  }
  const broken = new Set<string>();
  for (const entry of files) {
    const file = join(dir, entry);
    const name = basename(entry, extname(entry));
    if (extname(entry) === '.yml') {
      problems.push({ severity: 'warning', file, message: `is not read: rename it to ${name}.yaml` });
    }
    if (extname(entry) !== '.yaml') continue;
    try {
      const compiled = compileSlackTemplate({ name, file, source: await readFile(file, 'utf8') }, liquid);
      problems.push(...compiled.problems);
      if (compiled.template) templates.set(name, compiled.template);
      else broken.add(name);
    } catch (error) {
      broken.add(name);
      problems.push({ severity: 'error', file, message: `can't be read: ${messageOf(error)}` });
    }
  }
  return { templates, problems, broken };
};

/** An action's own `text` as a message. It comes rendered, with data escaped by `mrkdwn`. */
export const renderSlackText = (text: string): RenderedSlack => ({
  text: cut(tidy(text), LIMITS.text) || 'The text of this rule came out empty.',
  blocks: [],
});
