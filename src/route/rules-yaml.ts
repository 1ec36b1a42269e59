import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLError } from 'yaml';
import { messageOf } from '../core/errors.ts';

/** A parsed rules file that can be mapped back to its lines. */
export type RulesYaml = {
  readonly value: unknown;
  /** The line of the key or entry at a path, or of the nearest thing around it. */
  line(path: readonly PropertyKey[]): number;
};

export type YamlProblem = { readonly line: number | undefined; readonly message: string };

/** In characters; nothing longer is a rules file. */
const LENGTH_LIMIT = 1_000_000;

/** Parses YAML 1.2 as data only: no tags, no more than 100 expanded aliases, keys that are text. */
export const parseRulesYaml = (text: string): { yaml: RulesYaml } | { problems: YamlProblem[] } => {
  if (text.length > LENGTH_LIMIT) {
    return { problems: [{ line: undefined, message: 'is longer than 1 MB; is it the right file?' }] };
  }
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    logLevel: 'error',
  });
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    return {
      problems: faults
        .slice(0, 5)
        .map((fault) => ({ line: lines.linePos(fault.pos[0]).line, message: explain(fault, text) })),
    };
  }
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    return { yaml: { value, line: (path) => lineOf(document, path, lines) } };
  } catch (error) {
    return {
      problems: [{ line: undefined, message: `its aliases can't be followed: ${messageOf(error).split('\n')[0]}` }],
    };
  }
};

const REMEDIES: Readonly<Record<string, string>> = {
  BAD_ALIAS: ' (a text that begins with * needs quotes: "*")',
  BAD_DQ_ESCAPE: " (in double quotes write \\\\ for each \\, or use single quotes: '@example\\.com$')",
  BAD_SCALAR_START: ' (put the text in quotes)',
  NON_STRING_KEY: ' (a text that begins with {{ needs quotes: "{{ data.id }}")',
  TAB_AS_INDENT: ' (indent with spaces)',
};

/** Braces or brackets that seem never to end are most often closed behind a `#`, which begins a comment. */
const UNENDED = ' (a # that is not in quotes hides the rest of its line: write "#bookings")';

const explain = ({ code, message }: YAMLError, text: string): string => {
  if (code === 'MULTIPLE_DOCS')
    return 'holds a second document: take the line --- away, since all rules are in one list';
  const unended = message.startsWith('Flow ') && text.includes('#');
  return `is not valid YAML: ${message}${unended ? UNENDED : (REMEDIES[code] ?? '')}`;
};

const lineOf = (document: Document, path: readonly PropertyKey[], lines: LineCounter): number => {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const step of path) {
    const found = childAt(node, step, document);
    if (!found) break;
    node = found.value;
    offset = startOf(found.at) ?? offset;
  }
  return lines.linePos(offset).line;
};

const childAt = (node: unknown, step: PropertyKey, document: Document): { at: unknown; value: unknown } | undefined => {
  const parent = resolved(node, document);
  if (isSeq(parent)) {
    const entry = parent.items[Number(step)];
    return entry === undefined ? undefined : { at: entry, value: entry };
  }
  if (!isMap(parent)) return undefined;
  const pair = parent.items.find(({ key }) => isScalar(key) && key.value === step);
  return pair && { at: pair.key, value: pair.value };
};

const resolved = (node: unknown, document: Document): unknown => {
  const alias = node as { resolve?: (document: Document) => unknown } | null;
  return typeof alias?.resolve === 'function' ? alias.resolve(document) : node;
};

const startOf = (node: unknown): number | undefined => (node as Node | null)?.range?.[0];
