import { readFile } from 'node:fs/promises';
import { messageOf, OperatorError } from '../core/errors.ts';
import { didYouMean } from '../core/suggest.ts';
import { isKnownType, KNOWN_TYPES } from '../core/webhook.ts';
import { UsageError } from './command.ts';
import { freshPayload, isObject, ofItsOwn, type Payload, setField } from './payload.ts';

/** The webhook that `send` sends. */
export type Message = {
  body(): Uint8Array;
  /** The same webhook with a new webhook id and a new resource id. */
  another(): Uint8Array;
  /** The ids by which to ask about it afterwards; null if the body does not contain them. */
  names(): { readonly id: string | null; readonly type: string | null; readonly resource: string | null };
};

type Wanted = {
  readonly type: string | undefined;
  readonly file: string | undefined;
  readonly set: readonly string[];
};

/** Makes the message from a sample or a file, with the given fields set. Throws a UsageError or an OperatorError. */
export const readMessage = async ({ type, file, set }: Wanted, now: number): Promise<Message> => {
  const bytes = file === undefined ? undefined : await readBytes(file);
  const start = bytes ? parse(bytes) : sampleOf(type, now);
  if (type !== undefined && start && bytes && start.type !== type) {
    throw new UsageError(`${file} is a ${String(start.type)}, not a ${type}: leave the type out.`, 'send');
  }
  // A body that is no JSON object can be sent, to see how the bot refuses it, but not changed.
  const changeable = (): Payload => {
    if (start) return start;
    throw new OperatorError(`${file} is no JSON object.`, { remedy: 'Send it without --set and --count.' });
  };
  const payload = set.length === 0 ? start : set.reduce(setOrThrow, changeable());
  return {
    body: () => (bytes && set.length === 0 ? bytes : encode(payload)),
    another: () => encode(ofItsOwn(payload ?? changeable())),
    names: () => {
      const data = isObject(payload?.data) ? payload.data : {};
      return { id: textOrNull(payload?.id), type: textOrNull(payload?.type), resource: textOrNull(data.id) };
    },
  };
};

const readBytes = (file: string): Promise<Uint8Array> =>
  readFile(file).catch((error: unknown) => {
    throw new OperatorError(`${file} can't be read: ${messageOf(error)}`, { remedy: 'Name a file that is there.' });
  });

const parse = (bytes: Uint8Array): Payload | undefined => {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

const sampleOf = (type: string | undefined, now: number): Payload => {
  if (type !== undefined && isKnownType(type)) return freshPayload(type, now);
  const problem = type === undefined ? 'send needs a TYPE or --file.' : `There is no sample of "${type}"`;
  const near = type === undefined ? '' : didYouMean(type, KNOWN_TYPES) || '.';
  throw new UsageError(`${problem}${near}\nTypes: ${KNOWN_TYPES.join(', ')}`, 'send');
};

const setOrThrow = (payload: Payload, assignment: string): Payload => {
  const outcome = setField(payload, assignment);
  if ('problem' in outcome) throw new UsageError(outcome.problem, 'send');
  return outcome.payload;
};

const encode = (payload: Payload | undefined): Uint8Array => Buffer.from(JSON.stringify(payload));

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);
