import { type Liquid, LiquidError, type Template } from 'liquidjs';
import { messageOf } from '../core/errors.ts';
import type { Problem } from '../core/problem.ts';
import { createAllowance, MESSAGE_LIMITS, type Meter } from './allowance.ts';
import { type FrontMatter, type FrontMatterProblem, type Located, readFrontMatter } from './email-front-matter.ts';
import { createLiquid, html, plain } from './engine.ts';
import { oneLine, shorten } from './filters.ts';
import type { EmailTemplate } from './library.ts';
import { compileMjml, type Written } from './mjml.ts';
import type { Files, Origin } from './mjml-include.ts';
import { quicken } from './quick-render.ts';
import { renderWithin } from './render-within.ts';
import type { View } from './view.ts';

/** One engine that escapes for HTML, one for the text part, the subject and the preview line. */
export type EmailEngines = { readonly html: Liquid; readonly text: Liquid };

/** `textPieces`: in place of the pieces of these names, in the text part. */
export const createEmailEngines = (files: Files, textPieces: Files = {}): EmailEngines => ({
  html: createLiquid({ escape: html, files }),
  text: createLiquid({ escape: plain, files: { ...files, ...textPieces } }),
});

/** Mail programs show about 70 characters of a subject; what is longer than this is nobody's subject. */
const LONGEST_SUBJECT = 200;

type Compiled = { readonly template: EmailTemplate } | { readonly problems: readonly Problem[] };

/** Parses one template with all the pieces it uses; `files` is the content of the folder by file name. Never rejects. */
export const compileEmail = async (name: string, files: Files, engines: EmailEngines): Promise<Compiled> => {
  const mjmlFile = `${name}.mjml`;
  const mjml = files[mjmlFile];
  return mjml === undefined ? compilePair(name, files, engines) : compileOne(mjmlFile, mjml, files, engines);
};

/** A template of MJML; its text part is made of it too, unless there is one of its name. */
const compileOne = async (file: string, source: string, files: Files, engines: EmailEngines): Promise<Compiled> => {
  const front = readFrontMatter(source);
  if ('problems' in front) return { problems: frontProblems(file, front.problems) };
  const compiled = await compileMjml(file, front.body, files);
  const name = file.replace(/\.mjml$/, '');
  const parse = (engine: Liquid, part: Written | undefined): Template[] | Problem | undefined =>
    part && parsePart(engine, { source: part.source, line: 1 }, file, files, part.origin);
  const textFile = `${name}.txt`;
  const ownText = files[textFile];
  const [html, text] = 'problems' in compiled ? [] : [compiled.html, compiled.text];
  const parts = {
    ...frontParts(front, file, files, engines),
    html: parse(engines.html, html),
    text:
      ownText === undefined
        ? parse(engines.text, text)
        : parsePart(engines.text, { source: ownText, line: 1 }, textFile, files),
  };
  const outcome = assemble(name, engines, parts);
  return 'problems' in compiled
    ? { problems: [...compiled.problems, ...('problems' in outcome ? outcome.problems : [])] }
    : outcome;
};

/** A template of HTML, and its text part in a file of its own. */
const compilePair = (name: string, files: Files, engines: EmailEngines): Compiled => {
  const htmlFile = `${name}.html`;
  const textFile = `${name}.txt`;
  const htmlSource = files[htmlFile];
  const textSource = files[textFile];
  if (htmlSource === undefined) return missing(htmlFile, `the mail has a text part, ${textFile}, but no HTML part`);
  if (textSource === undefined) return missing(textFile, `the mail ${htmlFile} has no text part`);
  const front = readFrontMatter(htmlSource);
  if ('problems' in front) return { problems: frontProblems(htmlFile, front.problems) };
  return assemble(name, engines, {
    ...frontParts(front, htmlFile, files, engines),
    html: parsePart(engines.html, { source: front.body, line: 1 }, htmlFile, files),
    text: parsePart(engines.text, { source: textSource, line: 1 }, textFile, files),
  });
};

const frontProblems = (file: string, problems: readonly FrontMatterProblem[]): Problem[] =>
  problems.map((problem) => ({ severity: 'error', file, ...problem }));

const frontParts = (front: FrontMatter, file: string, files: Files, { text }: EmailEngines) => ({
  subject: parsePart(text, front.subject, file, files, 'subject'),
  preview: parsePart(text, front.preview, file, files, 'preview'),
});

type Parsed = Readonly<Record<keyof Parts, Template[] | Problem | undefined>>;

const assemble = (name: string, engines: EmailEngines, parts: Parsed): Compiled => {
  const { subject, preview, html: body, text } = parts;
  if (Array.isArray(subject) && Array.isArray(preview) && Array.isArray(body) && Array.isArray(text)) {
    return { template: { name, render: renderer(engines, { subject, preview, html: body, text }) } };
  }
  return { problems: Object.values<Template[] | Problem | undefined>(parts).filter(isProblem) };
};

const isProblem = (part: Template[] | Problem | undefined): part is Problem =>
  part !== undefined && !Array.isArray(part);

const missing = (file: string, what: string): { problems: Problem[] } => ({
  problems: [{ severity: 'error', file, message: `is missing: ${what}. Every mail has both` }],
});

const parsePart = (
  engine: Liquid,
  part: Located,
  file: string,
  files: Files,
  where?: 'subject' | 'preview' | Written['origin'],
): Template[] | Problem => {
  try {
    // Begun on its line of the file, so that Liquid's errors name that line; rendering trims what is around the text.
    const parsed = engine.parse('\n'.repeat(part.line - 1) + part.source, file);
    // Reads the shared pieces too, and theirs: a misspelt one is found now and not with the first customer's mail.
    engine.analyzeSync(parsed, { partials: true });
    quicken(engine, parsed);
    return parsed;
  } catch (error) {
    const origin = typeof where === 'function' ? where : undefined;
    const field = typeof where === 'string' ? where : undefined;
    const place = placeOf(error, file, files, origin);
    return { severity: 'error', ...place, ...(field && { field }), message: whatOf(error) };
  }
};

const LOOKUP = /Failed to lookup "([^"]*)"/;

const placeOf = (error: unknown, file: string, files: Files, origin?: Written['origin']): Origin => {
  const token = LiquidError.is(error) ? error.token : undefined;
  if (token && origin && (token.file ?? file) === file) return origin(token.begin);
  if (token) return { file: token.file ?? file, line: token.getPosition()[0] ?? 1 };
  // An unknown piece comes without a place: the first file that names it, the template's own before all others.
  const piece = LOOKUP.exec(messageOf(error))?.[1];
  const quoted = [`'${piece}'`, `"${piece}"`];
  const uses = ([, content]: readonly [string, string]) => quoted.some((name) => content.includes(name));
  const [found, content] = [[file, files[file] ?? ''] as const, ...Object.entries(files)].find(uses) ?? [file, ''];
  const line = content.split('\n').findIndex((text) => quoted.some((name) => text.includes(name)));
  return { file: found, line: line + 1 || 1 };
};

const whatOf = (error: unknown): string => {
  if (isOutOfStack(error))
    return 'its tags or pieces stand in one another too deeply: look for a piece that includes itself';
  const message = messageOf(error).replace(/, (file:.*)?line:\d+, col:\d+$/s, '');
  const piece = LOOKUP.exec(message)?.[1];
  return piece === undefined ? message : `there is no "${piece}" in this folder for layout or render to use`;
};

const isOutOfStack = (error: unknown): boolean =>
  error instanceof RangeError || (LiquidError.is(error) && isOutOfStack(Reflect.get(error, 'originalError')));

type Parts = Readonly<Record<'subject' | 'preview' | 'html' | 'text', Template[]>>;

const renderer = (engines: EmailEngines, parts: Parts): EmailTemplate['render'] => {
  const within = createAllowance(MESSAGE_LIMITS);
  const render = (view: View, meter: Meter) => {
    const text = (part: Template[], scope: object): string => renderWithin(engines.text, part, scope, meter, scope);
    const subject = shorten(oneLine(text(parts.subject, view)), LONGEST_SUBJECT);
    const preview = oneLine(text(parts.preview, view));
    // As globals they are seen inside `render` too, where Liquid otherwise shows only what is handed over.
    const scope = { ...view, subject, preview };
    return {
      subject,
      html: `${renderWithin(engines.html, parts.html, scope, meter, scope).trim()}\n`,
      text: `${text(parts.text, scope).replace(BLANKS, '\n\n').trim()}\n`,
    };
  };
  return (view) => within((meter) => render(view, meter));
};

/** What lines of nothing but tags leave behind, and MJML's spacers, which hold a hair space. */
const BLANKS = /[^\S\n]*\n(?:[^\S\n]*\n)+/g;
