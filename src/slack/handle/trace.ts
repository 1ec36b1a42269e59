import { OperatorError } from '../../core/errors.ts';

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

/** Slack's own word for why it refused a call (`not_in_channel`); undefined where it was no refusal. */
export const slackRefusal = (error: unknown): string | undefined => {
  if (!(error instanceof Error) || !('data' in error)) return undefined;
  const { data } = error;
  if (typeof data !== 'object' || data === null || !('error' in data)) return undefined;
  return typeof data.error === 'string' ? data.error : undefined;
};
