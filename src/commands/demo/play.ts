import type { QueryStore } from '../../store/ports.ts';
import type { Poster } from '../post.ts';
import type { Step } from './day.ts';

/** A request of the day and the bot's answer. */
export type Played = {
  /** When it happened according to the webhook. */
  readonly at: Date;
  readonly webhook: string;
  readonly type: string;
  readonly resource: string;
  readonly who: string;
  readonly remark: string;
  readonly status: number;
  readonly answer: string;
};

export type PlayDeps = {
  /** Signs as WebKasa does. */
  readonly genuine: Poster;
  /** Signs with another secret. */
  readonly forger: Poster;
  readonly store: Pick<QueryStore, 'status'>;
  readonly progress: (text: string) => void;
};

/**
 * Sends the requests of the day, each after the deliveries of the one before are done, as they would be over a real day. Sent
 * all at once, mails would be superseded by those of later webhooks.
 */
export const play = async (
  steps: readonly Step[],
  { genuine, forger, store, progress }: PlayDeps,
): Promise<Played[]> => {
  const played: Played[] = [];
  for (const { kind, who, remark = '', payload } of steps) {
    await settled(store);
    progress(`sending ${played.length + 1} of ${steps.length}: ${String(payload.type)}`);
    const answer = await (kind === 'forged' ? forger : genuine).post(Buffer.from(JSON.stringify(payload)));
    played.push({
      at: new Date(String(payload.created_at)),
      webhook: String(payload.id),
      type: String(payload.type),
      resource: String(Reflect.get(Object(payload.data), 'id')),
      who,
      remark,
      status: answer.status,
      answer: answer.error?.code ?? (answer.duplicate ? 'duplicate' : 'received'),
    });
  }
  progress('delivering');
  await settled(store);
  return played;
};

/** Milliseconds. */
const PAUSE = 15;
const DEADLINE = 20_000;

/** Resolves once every webhook is routed and no delivery is open; after 20 seconds in any case. */
const settled = async (store: Pick<QueryStore, 'status'>): Promise<void> => {
  const deadline = performance.now() + DEADLINE;
  while (performance.now() < deadline) {
    const { unrouted, deliveries } = await store.status();
    if (unrouted === 0 && deliveries.pending === 0 && deliveries.running === 0) return;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
};
