/** What WebKasa's API knows beyond a webhook: its objects as they came, null where not found or not asked for. */
export type Facts = {
  readonly booking: Readonly<Record<string, unknown>> | null;
  readonly schedule: Readonly<Record<string, unknown>> | null;
  readonly event: Readonly<Record<string, unknown>> | null;
  /** Whether something that was asked for could not be read, so that asking again later may bring more. */
  readonly missing: boolean;
};

/** The registrations of an event as WebKasa's API lists them. */
export type Registrations = {
  /** Each registration once, as it came. */
  readonly registrations: readonly Readonly<Record<string, unknown>>[];
  /** `failed`: the list could not be read to its end just now. `refused`: the key may not read registrations. */
  readonly as: 'whole' | 'failed' | 'refused';
};

export type FactFinder = {
  /**
   * Finds what belongs to a webhook's data. Never rejects, and resolves by `deadline` (Unix milliseconds) whatever the API
   * does. The booking or event the webhook is about is read again if the cached copy is from before `since`, when the
   * webhook came: the webhook tells of a change.
   */
  find(type: string, data: Readonly<Record<string, unknown>>, deadline: number, since?: number): Promise<Facts>;
  /**
   * Reads all registrations of an event, page by page. Never rejects, and resolves by `deadline`, or earlier if the API hangs
   * or its rate limit is used up. The reading goes on in the background, so whoever asks again a little later gets more. A
   * list is cached for a minute, unless its reading began before `since`, the change that is asked about.
   */
  registrations(eventId: string, deadline: number, since?: number): Promise<Registrations>;
};
