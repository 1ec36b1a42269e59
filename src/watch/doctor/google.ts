import { DeliveryError } from '../../core/errors.ts';
import { type Check, type Found, ok, problem } from './check.ts';

/** The part of the Google Sheets client that the check uses. */
export type SheetsToCheck = {
  /** The address of the service account, with which spreadsheets have to be shared. */
  readonly email: string;
  tabs(spreadsheet: string, titles: readonly string[]): Promise<unknown>;
  close(): void;
};

/** Checks that every spreadsheet named in rules can be used. `spreadsheets` maps their ids to who names them. */
export const googleCheck = (open: () => SheetsToCheck, spreadsheets: ReadonlyMap<string, string>): Check => ({
  name: 'Google Sheets',
  async run({ signal }) {
    const api = open();
    const stop = (): void => api.close();
    signal.addEventListener('abort', stop);
    try {
      const findings = await Promise.all([...spreadsheets].map(([id, by]) => findingOf(api, id, by)));
      const bad = findings.flat();
      if (bad.length > 0) return bad;
      const { size } = spreadsheets;
      return [ok(`${api.email}: ${size} ${size === 1 ? 'spreadsheet' : 'spreadsheets'} can be used`)];
    } finally {
      signal.removeEventListener('abort', stop);
      api.close();
    }
  },
});

const findingOf = async (api: SheetsToCheck, id: string, by: string): Promise<Found[]> => {
  try {
    await api.tabs(id, []);
    return [];
  } catch (error) {
    // Any other error has a remedy of its own, or is a bug.
    if (!(error instanceof DeliveryError)) throw error;
    return [
      problem(`${id} (${by}): ${error.message}`, REMEDIES[error.code] ?? `Share it with ${api.email}, as an editor.`),
    ];
  }
};

const REMEDIES: Readonly<Record<string, string>> = {
  google_credentials: 'Make a new key for the service account, and put it where GOOGLE_SERVICE_ACCOUNT_FILE says.',
  google_api_off: 'Turn it on; it takes effect within minutes.',
  google_unreachable: 'Check the network and any proxy; if it is Google, it works again by itself.',
  google_unavailable: 'It is for Google to mend; rows wait until then.',
  google_quota: 'Run doctor again in a minute.',
};
