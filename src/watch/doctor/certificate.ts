import { checkCertificate } from '../../http/server.ts';
import { type Check, ok, problem, warning } from './check.ts';

const DAY = 86_400_000;
/** Automatic renewal would have happened by then. */
const SOON = 14 * DAY;

/** Loads certificate and key as the server does, and checks until when the certificate is valid. */
export const certificateCheck = (tls: { certFile: string; keyFile: string }, now: () => number): Check => ({
  name: 'certificate',
  async run() {
    const { validTo } = await checkCertificate(tls);
    const left = Date.parse(validTo) - now();
    const remedy = 'Renew it, and start the bot again.';
    if (left <= 0) return [problem(`${tls.certFile} was good until ${validTo}.`, remedy)];
    if (left < SOON) return [warning(`${tls.certFile} is good until ${validTo} only.`, remedy)];
    return [ok(`it and its key can be used, until ${validTo}`)];
  },
});
