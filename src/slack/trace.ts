import { OperatorError, StoreFailure } from '../core/errors.ts';

/**
 * What failed and where, for the log, without the error's message: a parser's or a template's may quote attendee data. Only
 * the messages of the bot's own OperatorErrors are kept.
 */
export const traceOf = (error: unknown): { readonly name: string; readonly code?: string; readonly at?: string } => {
  if (!(error instanceof Error)) return { name: typeof error };
  const code = 'code' in error ? String(error.code) : undefined;
  const at = /^ +at (.+)$/m.exec(framesOf(error))?.[1];
  return {
    name: error instanceof OperatorError ? `${error.name}: ${error.message}` : error.name,
    ...(code !== undefined && /^[\w-]{1,60}$/.test(code) && { code }),
    ...(at !== undefined && { at }),
  };
};

/** The stack without the message, a line of which may look like a frame; empty if the two can't be told apart. */
const framesOf = ({ stack = '', message }: Error): string => {
  const start = stack.indexOf(message);
  return start < 0 ? '' : stack.slice(start + message.length);
};

/** The bot's own message and remedy for a failure; null for both where the message was not written for people. */
export const ownWords = (error: unknown): { readonly message: string | null; readonly remedy: string | null } => {
  if (error instanceof OperatorError) return { message: error.message, remedy: error.remedy ?? null };
  if (error instanceof StoreFailure) return STORE_FAILS;
  return { message: null, remedy: null };
};

const STORE_FAILS = {
  message: "The bot's database does not answer as it should.",
  remedy:
    'Nothing is lost: webhooks wait at WebKasa and come again by themselves. Ask again in a minute; if it stays so, whoever runs the bot finds the reason with `npm run cli -- doctor`.',
};
