import { saysCancelled } from '../../core/cancelled.ts';
import type { PlannedEmail } from '../../core/delivery.ts';
import type { View } from '../../template/view.ts';
import { type Judged, type Useless, uselessNow } from './useful.ts';

const TELLS_OF_COMING = new Set(['booking.created', 'booking.confirmed']);

/**
 * Why a mail that announces a booking is obsolete because WebKasa's API, asked since the webhook came, reports it as cancelled;
 * undefined where it does not, or where the mail would be sent even after a webhook about the cancellation.
 */
export const uselessByApi = (
  delivery: Judged,
  email: Pick<PlannedEmail, 'to' | 'until' | 'registration'>,
  { booking, data }: Pick<View, 'booking' | 'data'>,
  zone: string,
): Useless | undefined => {
  const { type } = delivery.webhook;
  if (!TELLS_OF_COMING.has(type) || !saysCancelled(booking?.status)) return undefined;
  const cancelled = {
    status: 'CANCELLED',
    lastType: 'booking.cancelled',
    startsAt: null,
    version: delivery.version + 1,
    data,
  };
  const useless = uselessNow({ ...delivery, latest: cancelled }, email, 0, zone);
  if (useless?.code !== 'contradicted') return undefined;
  return { code: 'contradicted', why: "WebKasa's API says that it was cancelled; its own mail tells that" };
};
