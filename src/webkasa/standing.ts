import type { Log } from '../runtime/log.ts';

/** What the API key has separate scopes for, so that each can be refused on its own. */
export type Area = 'bookings' | 'events' | 'registrations';

/**
 * The state of the API as seen from here: whether it fails or refuses the key, and until when it is left alone. Each change
 * is logged once.
 */
export type Standing = {
  /** Whether the key was refused for this area within the last ten minutes. */
  refused(area: Area, at: number): boolean;
  /** Milliseconds of backoff left after failures; 0 for none. */
  wait(at: number): number;
  /** The key was refused with 401 or 403. */
  onRefused(status: number, area: Area, at: number): void;
  /** A request got no answer, or a 5xx; `asked` is how many milliseconds the server asked to be left alone. */
  onFailed(reason: string, at: number, asked?: number): void;
  /** A request was answered, but not as this API answers: most likely by a proxy. */
  onUnreadable(status: number): void;
  /** A request was answered as it should be. */
  onAnswered(area: Area): void;
};

const LEFT_ALONE = 10 * 60_000;
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 30_000;
const LONGEST_ASKED = 60_000;

const AREAS: readonly Area[] = ['bookings', 'events', 'registrations'];
/** What happens instead while the key lacks the scope of an area. */
const MEANWHILE: Readonly<Record<Area, string>> = {
  bookings: 'mails go out with what the webhooks say',
  events: 'mails go out with what the webhooks say',
  registrations: 'mails to everyone registered go to those whom the webhooks told of',
};

/** Starts with an API that is thought to work, and a key that may read everything. */
export const createStanding = (log: Log): Standing => {
  const refusedUntil = new Map<Area, number>();
  const said = new Set<Area>();
  let failures = 0;
  let pausedUntil = 0;
  let saidUnreadable = false;

  const sayRefused = (status: number, area: Area): void => {
    if (said.has(area)) return;
    said.add(area);
    log.warn(
      { status },
      status === 401
        ? "WebKasa's API does not know WEBKASA_API_KEY: mails go out with what the webhooks say. Set a key that is valid and start again"
        : `WEBKASA_API_KEY may not read ${area}: ${MEANWHILE[area]}. Give the key the scope ${area}:read; it is tried again every ten minutes`,
    );
  };

  return {
    refused: (area, at) => isAhead(refusedUntil.get(area) ?? 0, at, LEFT_ALONE),
    wait: (at) => (isAhead(pausedUntil, at, LONGEST_ASKED) ? pausedUntil - at : 0),
    onRefused(status, area, at) {
      // An unknown key (401) is refused for everything, and logged once.
      const areas: readonly Area[] = status === 401 ? AREAS : [area];
      sayRefused(status, area);
      for (const each of areas) {
        said.add(each);
        refusedUntil.set(each, at + LEFT_ALONE);
      }
    },
    onFailed(reason, at, asked = 0) {
      // Requests that were in flight together fail together, and count as one failure.
      if (isAhead(pausedUntil, at, LONGEST_ASKED)) return;
      failures += 1;
      const pause = Math.min(FIRST_PAUSE * 2 ** (failures - 1), LONGEST_PAUSE);
      pausedUntil = at + Math.max(pause, Math.min(asked, LONGEST_ASKED));
      if (failures === 2)
        log.warn(
          { reason },
          "WebKasa's API fails: mails wait for it two minutes at the most; it is tried again by itself",
        );
    },
    onUnreadable(status) {
      if (!saidUnreadable)
        log.warn(
          { status },
          "WebKasa's API answers with something that can't be read: mails go out with what the webhooks say. Check WEBKASA_API_URL and any proxy",
        );
      saidUnreadable = true;
    },
    onAnswered(area) {
      saidUnreadable = false;
      if (failures >= 2) log.info("WebKasa's API answers again");
      failures = 0;
      pausedUntil = 0;
      said.delete(area);
      refusedUntil.delete(area);
    },
  };
};

/** Whether a time is still to come. One further ahead than `most` was set before the clock was set back, and is ignored. */
const isAhead = (until: number, at: number, most: number): boolean => until > at && until - at <= most;
