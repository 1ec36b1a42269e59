type Fields = Readonly<Record<string, unknown>>;

/** More than anybody can tell apart, and little beside the webhook itself. */
const MOST_FIELDS = 20;
const LONGEST_NAME = 100;
const LONGEST_VALUE = 500;

/**
 * Which fields of a resource's data changed, with what was there before: `{ location: 'Town Hall' }`. WebKasa leaves out what
 * is not set, so a field that is not there, null and an empty text are the same, and named with null. Twenty at the most; a
 * long text, a list or an object that was there before is named with null too. undefined where nothing changed.
 */
export const changesBetween = (before: Fields, after: Fields): Fields | undefined => {
  let changes: [string, unknown][] | undefined;
  const compare = (name: string): void => {
    const was = given(before, name);
    if (changes?.length === MOST_FIELDS || name.length > LONGEST_NAME || same(given(after, name), was)) return;
    changes ??= [];
    changes.push([name, remembered(was)]);
  };
  for (const name in after) compare(name);
  for (const name in before) if (!Object.hasOwn(after, name)) compare(name);
  return changes && Object.fromEntries(changes);
};

/** What a webhook changed of its resource: the start it moved it away from, and fields with what was there before. */
export type Change = { readonly movedFrom: string | null; readonly changedFrom?: Fields | undefined };

/**
 * Changes that were made one after the other as one, for those who were told of none: what was there before the first of
 * them. `changes` are newest first; `after` is what the newest webhook says. What is again as it was did not change.
 */
export const asOne = (
  changes: readonly Change[],
  after: { readonly start: string | null; readonly data: Fields },
): Change => {
  const start = changes.findLast(({ movedFrom }) => movedFrom !== null)?.movedFrom ?? null;
  const before: Fields = Object.assign({}, ...changes.map(({ changedFrom }) => changedFrom));
  const changed = Object.entries(before).filter(([name, was]) => !same(was, given(after.data, name)));
  return {
    movedFrom: start === after.start ? null : start,
    changedFrom: changed.length > 0 ? Object.fromEntries(changed) : undefined,
  };
};

/** What a field holds; null where that is nothing. */
const given = (data: Fields, name: string): unknown => {
  const value = Object.hasOwn(data, name) ? data[name] : null;
  return value === '' ? null : value;
};

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;

/** Lists and objects are the same where they are written the same. */
const same = (one: unknown, other: unknown): boolean =>
  one === other || (isObject(one) && isObject(other) && JSON.stringify(one) === JSON.stringify(other));

const remembered = (value: unknown): unknown =>
  isObject(value) || (typeof value === 'string' && value.length > LONGEST_VALUE) ? null : value;
