import { DeliveryError } from '../../core/errors.ts';
import type { MailTransport } from '../../deliver/email/transport.ts';
import type { Log } from '../../runtime/log.ts';
import { type AlertMailSettings, alertMail } from './mail.ts';
import type { Medium } from './medium.ts';

export type MailMediumDeps = {
  readonly settings: AlertMailSettings;
  readonly open: () => MailTransport;
  readonly log: Log;
};

/** Milliseconds after which sending is aborted; the alert is tried again later. */
const WITHIN = 15_000;

/** Sends alerts by mail, each over a connection of its own. */
export const mailMedium = ({ settings, open, log }: MailMediumDeps): Medium => ({
  name: 'mail',
  async tell(alert) {
    const mail = alertMail(alert, settings);
    if (!mail) return true;
    let transport: MailTransport | undefined;
    try {
      transport = open();
      await transport.send(mail, AbortSignal.timeout(WITHIN));
      return true;
    } catch (error) {
      // The error's message may contain an address.
      log.warn({ code: error instanceof DeliveryError ? error.code : 'unforeseen' }, 'an alert could not be mailed');
      return false;
    } finally {
      await transport?.close().catch(() => {});
    }
  },
});
