import type { StoreStatus } from '../../store/ports.ts';
import { OLD } from '../alert/troubles.ts';
import { type Found, ok, problem, warning } from './check.ts';

const CLI = 'npm run cli --';
const HOUR = 3_600_000;

/** What the store's status shows that somebody should look after. */
export const troubleFindings = (status: StoreStatus, now: number): Found[] => {
  const { deliveries, pauses, oldestWaiting, rejections } = status;
  const findings: Found[] = pauses.map(({ kind, message }) =>
    problem(`${kind} is paused: ${message}`, 'Mend that and start the bot again; nothing is lost meanwhile.'),
  );
  if (deliveries.dead > 0) {
    findings.push(
      warning(
        `${deliveries.dead} ${deliveries.dead === 1 ? 'delivery' : 'deliveries'} failed for good.`,
        `\`${CLI} failed\` says why; mend that, then \`${CLI} retry ID\`.`,
      ),
    );
  }
  if (oldestWaiting !== null && now - oldestWaiting > OLD) {
    findings.push(
      warning(
        `Work has waited for ${Math.round((now - oldestWaiting) / 60_000)} minutes.`,
        `Start the bot, or see \`${CLI} failed\` for what it waits for.`,
      ),
    );
  }
  const refused = rejections.filter(({ reason, lastAt }) => reason.startsWith('signature_') && now - lastAt < HOUR);
  if (refused.length > 0) {
    findings.push(
      warning(
        'Webhooks were refused for their signature within the last hour.',
        'Compare WEBKASA_WEBHOOK_SECRET with what WebKasa shows; `npm run cli -- failed` says where they came from.',
      ),
    );
  }
  if (findings.length > 0) return findings;
  return [ok(`${status.webhooks} webhooks kept, nothing failed, ${deliveries.pending + status.unrouted} waiting`)];
};
