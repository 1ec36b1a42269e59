import type { Log } from '../../runtime/log.ts';
import { postToUrl } from '../answer/response-url.ts';
import { FAILED, type Payload } from './payload.ts';

/** Tells a person, by the payload's response_url and for them alone, that what they asked for failed. */
export const createApology =
  (log: Log) =>
  async (payload: Payload): Promise<void> => {
    const { response_url: url } = payload;
    if (typeof url !== 'string' || !URL.canParse(url)) return;
    const outcome = await postToUrl(url, { response_type: 'ephemeral', replace_original: false, text: FAILED });
    if (outcome.is !== 'sent') log.warn({ code: outcome.code }, 'a person could not be told that their request failed');
  };
