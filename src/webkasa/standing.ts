import type { Log } from '../runtime/log.ts';

/** What a key may be refused for: it has scopes of its own for each. */
export type Area = 'bookings' | 'events' | 'registrations';

/** How we stand with the API: whether it fails or refuses the key, said once, and until when it is left alone. */
export type Standing = {
  /** Whether the key was refused for this lately. */
  refused(area: Area, at: number): boolean;
  /** How long to wait after failures; 0 where none is to be waited for. */
  wait(at: number): number;
  /** 401 or 403. */
  onRefused(status: number, area: Area, at: number): void;
  /** No answer, or a 5xx; `asked` is for how long the server asked to be left alone. */
  onFailed(reason: string, at: number, asked?: number): void;
  onAnswered(area: Area): void;
};

const LEFT_ALONE = 10 * 60_000;
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 30_000;
const LONGEST_ASKED = 60_000;

const AREAS: readonly Area[] = ['bookings', 'events', 'registrations'];
/** What goes without, while the key lacks the scope that is named like its area. */
const GOES_ON: Readonly<Record<Area, string>> = {
  bookings: 'mails go out with what the webhooks say',
  events: 'mails go out with what the webhooks say',
  registrations: 'mails to everyone registered go to those whom the webhooks told of',
};

export const createStanding = (log: Log): Standing => {
  const refusedUntil = new Map<Area, number>();
  const said = new Set<Area>();
  let failures = 0;
  let pausedUntil = 0;

  const sayRefused = (status: number, area: Area): void => {
    if (said.has(area)) return;
    said.add(area);
    log.warn(
      { status },
      status === 401
        ? "WebKasa's API does not know WEBKASA_API_KEY: mails go out with what the webhooks say. Set a key that is valid and start again"
        : `WEBKASA_API_KEY may not read ${area}: ${GOES_ON[area]}. Give the key the scope ${area}:read; it is tried again every ten minutes`,
    );
  };

  return {
    refused: (area, at) => isAhead(refusedUntil.get(area) ?? 0, at, LEFT_ALONE),
    wait: (at) => (isAhead(pausedUntil, at, LONGEST_ASKED) ? pausedUntil - at : 0),
    onRefused(status, area, at) {
      // A key that is not known is so for everything, and is said to be so once.
      const areas: readonly Area[] = status === 401 ? AREAS : [area];
      sayRefused(status, area);
      for (const each of areas) {
        said.add(each);
        refusedUntil.set(each, at + LEFT_ALONE);
      }
    },
    onFailed(reason, at, asked = 0) {
      // Those that were under way together fail together, and are one failure.
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
    onAnswered(area) {
      if (failures >= 2) log.info("WebKasa's API answers again");
      failures = 0;
      pausedUntil = 0;
      said.delete(area);
      refusedUntil.delete(area);
    },
  };
};

/** Whether a time is still to come; one that is further away than can be was set by a clock that went back since. */
const isAhead = (until: number, at: number, most: number): boolean => until > at && until - at <= most;
