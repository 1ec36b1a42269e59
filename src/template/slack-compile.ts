import { type Liquid, LiquidError } from 'liquidjs';
import type { z } from 'zod';
import type { Problem } from '../core/problem.ts';
import { createAllowance, isTooCostly, MESSAGE_LIMITS, type Meter } from './allowance.ts';
import type { RenderedSlack, SlackTemplate } from './library.ts';
import { mrkdwn } from './mrkdwn.ts';
import { quicken } from './quick-render.ts';
import { renderWithin } from './render-within.ts';
import { type Compile, compileBlock, type Write } from './slack-blocks.ts';
import { cut, openRoom, tidy } from './slack-fit.ts';
import { linkTo } from './slack-link.ts';
import type { SlackLiquid } from './slack-liquid.ts';
import { hasLiquid, LIMITS, type SlackTemplateFile, SlackTemplateSchema } from './slack-schema.ts';
import { type Path, readYaml, type YamlFile } from './slack-yaml.ts';
import type { View } from './view.ts';

/**
 * Compiles the source of one template. YAML is read first and each string becomes a Liquid template of its own. With any
 * problem there is no template.
 */
export const compileSlackTemplate = (
  options: { readonly name: string; readonly file: string; readonly source: string },
  liquid: SlackLiquid,
): { template: SlackTemplate | undefined; problems: readonly Problem[] } => {
  const { name, file, source } = options;
  const problems: Problem[] = [];
  const report = (line: number | undefined, path: Path, message: string): void => {
    const field = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('');
    problems.push({
      severity: 'error',
      file,
      ...(line !== undefined && { line }),
      ...(field && { field: field.replace(/^\./, '') }),
      message,
    });
  };

  const yaml = readYaml(source);
  for (const error of yaml.errors) report(error.line, [], error.message);
  if (problems.length > 0) return { template: undefined, problems };

  const parsed = SlackTemplateSchema.safeParse(yaml.value);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      for (const { path, message } of described(issue)) report(yaml.lineOf(path), path, message);
    }
    return { template: undefined, problems };
  }

  const render = compileMessage(parsed.data, compilerFor(liquid, yaml, report));
  return { template: problems.length > 0 ? undefined : { name, render }, problems };
};

const described = (issue: z.core.$ZodIssue): { path: Path; message: string }[] => {
  const path = issue.path.filter((key) => typeof key !== 'symbol');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], message: 'is not known here; is it misspelt?' }));
  }
  if (issue.code === 'invalid_key') return [{ path, message: issue.issues[0]?.message ?? issue.message }];
  if (issue.code === 'invalid_type' && issue.message.endsWith('undefined')) return [{ path, message: 'is missing' }];
  return [{ path, message: issue.message }];
};

const compilerFor =
  (liquid: SlackLiquid, yaml: YamlFile, report: (line: number | undefined, path: Path, message: string) => void) =>
  (source: string, path: Path, place: Parameters<Compile>[2] | 'value'): Write => {
    const engine = place === 'value' || place === 'condition' ? liquid.values : liquid[place];
    const text = place === 'condition' ? `{{ ${source} }}` : source;
    if (!hasLiquid(text)) {
      const fixed = tidy(text);
      return () => fixed;
    }
    try {
      return writer(engine, text);
    } catch (error) {
      if (!(error instanceof LiquidError)) throw error;
      const [line] = error.token.getPosition();
      report(yaml.lineInside(path, line ?? 1), path, error.message.replace(/, line:\d+, col:\d+$/, ''));
      return () => '';
    }
  };

const writer = (engine: Liquid, source: string): Write => {
  const parsed = engine.parse(source);
  quicken(engine, parsed);
  // Some mistakes, such as rendering a file that is not there, only show when it runs.
  createAllowance(MESSAGE_LIMITS)((meter) => renderWithin(engine, parsed, {}, meter));
  return (scope, meter) => tidy(renderWithin(engine, parsed, scope, meter));
};

const compileMessage = (
  file: SlackTemplateFile,
  compile: ReturnType<typeof compilerFor>,
): ((view: View) => RenderedSlack) => {
  const values = Object.entries(file.set ?? {}).map(
    ([name, source]) => [name, compile(source, ['set', name], 'value')] as const,
  );
  const text = compile(file.text, ['text'], 'mrkdwn');
  const link = file.link && {
    text: compile(file.link.text, ['link', 'text'], 'plain'),
    url: compile(file.link.url, ['link', 'url'], 'value'),
  };
  const blocks = (file.blocks ?? []).map((block, index) => compileBlock(block, ['blocks', index], compile));

  const within = createAllowance(MESSAGE_LIMITS);
  const render = (view: View, meter: Meter): RenderedSlack => {
    const scope: Record<string, unknown> = { ...view };
    for (const [name, write] of values) scope[name] = write(scope, meter);
    const take = openRoom();
    const shownLink = link && linkTo(link.url(scope, meter), link.text(scope, meter));
    return {
      text: cut(text(scope, meter), LIMITS.text) || `WebKasa: ${mrkdwn(view.type)}`,
      blocks: blocks.flatMap((build) => build({ scope, meter }, take) ?? []),
      ...(shownLink && { link: shownLink }),
    };
  };

  return (view) => {
    try {
      return within((meter) => render(view, meter));
    } catch (error) {
      if (isTooCostly(error)) throw error;
      // What fails even then is the template's own fault.
      return within((meter) => render(harmless(view), meter));
    }
  };
};

/** JSON can hold an object whose `toString` is no function, which no filter can write out: here it has none. */
const harmless = (view: View): View =>
  JSON.parse(JSON.stringify(view), (key, value: unknown) =>
    key === 'toString' || key === 'valueOf' ? undefined : value,
  );
