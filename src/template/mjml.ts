import { messageOf } from '../core/errors.ts';
import type { Problem } from '../core/problem.ts';
import { expandIncludes, type Files, type Origin } from './mjml-include.ts';
import { hasMark, lostLiquid, markLiquid, type Unmarked, unmark } from './mjml-liquid.ts';
import { RendererLost, renderMjml } from './mjml-render.ts';

/** A part of a mail as Liquid, and where an offset of it was written. */
export type Written = { readonly source: string; readonly origin: (offset: number) => Origin };

/** What MJML came to: the HTML and the text part, both still with their Liquid. */
export type CompiledMjml = { readonly html: Written; readonly text: Written };

type Outcome = CompiledMjml | { readonly problems: readonly Problem[] };

// Templates are loaded again at each edit of any of them, and by every test: what did not change is not compiled again.
const MOST_KEPT = 200;
const kept = new Map<string, Promise<Outcome>>();

/**
 * Compiles MJML, with the pieces it includes, to HTML and to text of equal content. Liquid in it is left for when mails are
 * made, so data can become no MJML. Never rejects: whatever MJML, strictly taken, does not allow is a problem.
 */
export const compileMjml = async (file: string, source: string, files: Files): Promise<Outcome> => {
  const { text, origins, problems } = expandIncludes(file, source, files);
  if (problems.length > 0) return { problems };
  const key = JSON.stringify([file, text, origins.map((origin) => [origin.file, origin.line])]);
  const known = kept.get(key);
  if (known) return known;
  const made = compile(file, text, origins);
  if (kept.size >= MOST_KEPT) kept.clear();
  kept.set(key, made);
  void made.then((outcome) => 'problems' in outcome && kept.delete(key));
  return made;
};

const compile = async (file: string, source: string, origins: readonly Origin[]): Promise<Outcome> => {
  const originOf = (line: number): Origin => origins[line - 1] ?? { file, line: 1 };
  const problem = (line: number, message: string): Problem => ({ severity: 'error', ...originOf(line), message });
  const marked = markLiquid(source);
  const open = unbalanced(marked.text);
  if (open) return { problems: [problem(open.line, open.message)] };
  try {
    const { html, text, complaints } = await renderMjml(marked.text);
    const wrong = complaints
      .filter(({ message }) => !(hasMark(message) && message.includes('for type Color')))
      .map(({ line, message }) => problem(line, unmark(message, marked.tokens).text));
    if (wrong.length > 0) return { problems: wrong };
    const lost = lostLiquid(html, marked.tokens);
    if (lost.length > 0) return { problems: lost.map((token) => problem(token.line, `${token.source} ${DROPPED}`)) };
    const written = (made: Unmarked): Written => ({
      source: made.text,
      origin: (offset) => {
        const place = made.places.findLast(({ at }) => at <= offset);
        return originOf(place ? (marked.tokens[place.token]?.line ?? 1) : 1);
      },
    });
    return {
      html: written(unmark(html, marked.tokens)),
      text: written(unmark(text, marked.tokens)),
    };
  } catch (error) {
    const said = messageOf(error).split('\n')[0];
    const what =
      error instanceof RendererLost
        ? `could not be read: ${said}. Save it once more, or start again`
        : `is no MJML: ${said}`;
    return { problems: [problem(1, what)] };
  }
};

const DROPPED = 'stands where MJML takes no text and would be lost: put it between <mj-raw> and </mj-raw>';

const TAG = /<!--[\s\S]*?-->|<(\/?)(mj[\w-]*)(?:"[^"]*"|'[^']*'|[^>"'])*?(\/?)>/g;

/** MJML closes what was left open wherever it likes, and says nothing. */
const unbalanced = (text: string): { line: number; message: string } | undefined => {
  const open: { name: string; line: number }[] = [];
  let line = 1;
  let seen = 0;
  for (const { 0: tag, 1: end, 2: name, 3: empty, index } of text.matchAll(TAG)) {
    line += text.slice(seen, index).split('\n').length - 1;
    seen = index;
    if (name === undefined || (empty === '/' && !end)) continue;
    if (!end) open.push({ name, line });
    else {
      const last = open.pop();
      if (last?.name !== name) {
        return last
          ? { line: last.line, message: `<${last.name}> is not closed before ${tag} on line ${line}` }
          : { line, message: `${tag} closes nothing` };
      }
    }
  }
  const left = open.pop();
  return left && { line: left.line, message: `<${left.name}> is never closed` };
};
