import type { Log } from '../../runtime/log.ts';
import { postToUrl } from '../answer/response-url.ts';
import { isSlackUrl } from '../answer/slack-url.ts';
import { FAILED, type Payload } from './payload.ts';

/** Tells the person behind a payload, visible to them alone, that their request failed. Needs a response_url; never rejects. */
export const createApology =
  ({ apiUrl, log }: { readonly apiUrl: string; readonly log: Log }) =>
  async (payload: Payload): Promise<void> => {
    const url = typeof payload.response_url === 'string' ? payload.response_url : undefined;
    if (!isSlackUrl(url, apiUrl)) return;
    const outcome = await postToUrl(url, { response_type: 'ephemeral', replace_original: false, text: FAILED });
    if (outcome.is !== 'sent') log.warn({ code: outcome.code }, 'a person could not be told that their request failed');
  };
