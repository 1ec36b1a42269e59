import { OperatorError, StoreFailure } from '../core/errors.ts';

/**
 * What failed and where, for the log, without the message: that of a parser or a template may quote what an attendee
 * wrote. Only the bot's own words are kept.
 */
export const traceOf = (error: unknown): { readonly name: string; readonly code?: string; readonly at?: string } => {
  if (!(error instanceof Error)) return { name: typeof error };
  const code = 'code' in error ? String(error.code) : undefined;
  const at = /^ +at (.+)$/m.exec(error.stack ?? '')?.[1];
  return {
    name: error instanceof OperatorError ? `${error.name}: ${error.message}` : error.name,
    ...(code !== undefined && /^[\w-]{1,60}$/.test(code) && { code }),
    ...(at !== undefined && { at }),
  };
};

/** What the bot itself says of a failure, and what to do about it; any other message is not for people. */
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
