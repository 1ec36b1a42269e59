import { isMap, isScalar, LineCounter, type Pair, parseDocument } from 'yaml';

/** A piece of Liquid and the line of the file it stands on. */
export type Located = { readonly source: string; readonly line: number };

export type FrontMatter = {
  readonly subject: Located;
  readonly preview: Located;
  /** The file with its front matter blanked, so that what Liquid says of a line is the line of the file. */
  readonly body: string;
};

export type FrontMatterProblem = { readonly line: number; readonly field?: string; readonly message: string };

const FIELDS = ['subject', 'preview'] as const;
type Field = (typeof FIELDS)[number];
const isField = (name: string): name is Field => (FIELDS as readonly string[]).includes(name);

const EXAMPLE = 'write `---`, `subject: …`, `preview: …` and `---` at the top of the file, a line each';

/** Takes the YAML between two `---` lines off the top of a mail template. `preview` may be absent, `subject` not. */
export const readFrontMatter = (text: string): FrontMatter | { readonly problems: readonly FrontMatterProblem[] } => {
  const [all, yaml = ''] = /^---[ \t]*\n([\s\S]*?\n)?---[ \t]*(?:\n|$)/.exec(text) ?? [];
  if (all === undefined) return { problems: [{ line: 1, message: `has no front matter: ${EXAMPLE}` }] };

  const counter = new LineCounter();
  const document = parseDocument(yaml, { lineCounter: counter });
  // The YAML begins on the second line of the file.
  const lineAt = (offset: number): number => counter.linePos(offset).line + 1;
  const wrong = document.errors.map((error) => ({
    line: lineAt(error.pos[0]),
    message: `the front matter is not YAML: ${error.message.split('\n')[0] ?? ''}`,
  }));
  if (wrong.length > 0) return { problems: wrong };
  if (!isMap(document.contents)) return { problems: [{ line: 2, message: `the front matter is empty: ${EXAMPLE}` }] };

  const found: Partial<Record<Field, Located>> = {};
  const problems: FrontMatterProblem[] = [];
  for (const pair of document.contents.items) {
    const read = readField(pair, lineAt);
    if ('message' in read) problems.push(read);
    else found[read.field] = read;
  }
  if (!found.subject && problems.length === 0) {
    problems.push({ line: 2, field: 'subject', message: 'is missing: say what the subject line of the mail is' });
  }
  if (!found.subject || problems.length > 0) return { problems };
  const lines = all.split('\n').length - 1;
  return {
    subject: found.subject,
    preview: found.preview ?? { source: '', line: found.subject.line },
    body: '\n'.repeat(lines) + text.slice(all.length),
  };
};

const readField = (
  pair: Pair,
  lineAt: (offset: number) => number,
): (Located & { readonly field: Field }) | FrontMatterProblem => {
  const { key, value } = pair;
  const name = isScalar(key) ? String(key.value) : '';
  const line = isScalar(key) && key.range ? lineAt(key.range[0]) : 2;
  if (!isField(name)) return { line, message: `"${name}" is not known here: only ${FIELDS.join(' and ')} are` };
  const text = isScalar(value) ? value.value : undefined;
  if (typeof text === 'string' && text.trim() !== '') return { field: name, source: text, line };
  const quotes = '; text that begins with {{ or holds a colon needs quotes around it';
  return { line, field: name, message: `is not text${quotes}` };
};
