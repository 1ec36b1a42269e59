import { isCollection, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';

export type Path = readonly (string | number)[];

/** A YAML file as a value, with the means to say on which line a part of it stands. */
export type YamlFile = {
  readonly value: unknown;
  readonly errors: readonly { readonly line: number | undefined; readonly message: string }[];
  /** The line of a part, or of the nearest part around it that exists. */
  lineOf(path: Path): number | undefined;
  /** The line of the file where line `line` of a string stands, as far as its quoting lets us tell. */
  lineInside(path: Path, line: number): number | undefined;
};

/** A template this long is none: Slack takes a fiftieth of it. */
const LONGEST = 200_000;

/** Reads YAML 1.2; what is wrong with it is in `errors`, it never throws. */
export const readYaml = (whole: string): YamlFile => {
  const tooLong = whole.length > LONGEST;
  const source = tooLong ? '' : whole;
  const counter = new LineCounter();
  const document = parseDocument(source, { lineCounter: counter, prettyErrors: false });
  const errors: { line: number | undefined; message: string }[] = document.errors.map((error) => ({
    line: counter.linePos(error.pos[0]).line,
    message: error.message,
  }));
  if (tooLong) errors.push({ line: undefined, message: `is longer than ${LONGEST} characters; is it the right file?` });
  let value: unknown;
  try {
    if (errors.length === 0) value = document.toJS();
  } catch (error) {
    // Aliases that would unfold to a multiple of the file.
    errors.push({ line: undefined, message: String(error) });
  }

  const startOf = (node: unknown): number | undefined =>
    isNode(node) && node.range ? counter.linePos(node.range[0]).line : undefined;

  const lineOf = (path: Path): number | undefined => {
    let node: unknown = document.contents;
    let line = startOf(node);
    for (const key of path) {
      // A key stands on the line people look for; its value may begin on the next.
      const pair = isMap(node) ? node.items.find((item) => isScalar(item.key) && item.key.value === key) : undefined;
      node = pair?.value ?? (isCollection(node) ? node.get(key, true) : undefined);
      line = startOf(pair?.key) ?? startOf(node) ?? line;
    }
    return line;
  };

  const lineInside = (path: Path, line: number): number | undefined => {
    const node: unknown = document.getIn(path, true);
    const start = startOf(node);
    if (!isScalar(node) || start === undefined || node.type === 'BLOCK_FOLDED') return start ?? lineOf(path);
    // A literal block begins on the line after its bar; a quoted or plain string folds its own line breaks away.
    return node.type === 'BLOCK_LITERAL' ? start + line : start;
  };

  return { value, errors, lineOf, lineInside };
};
