/** What WebKasa's API knows beyond a webhook (webkasa's objects, as they came); null where it was not found or not asked. */
export type Facts = {
  readonly booking: Readonly<Record<string, unknown>> | null;
  readonly schedule: Readonly<Record<string, unknown>> | null;
  readonly event: Readonly<Record<string, unknown>> | null;
  /** Whether something that was asked for could not be had just now. */
  readonly missing: boolean;
};

/** The registrations of an event as WebKasa's API lists them. */
export type Registrations = {
  /** Each once, as it came. */
  readonly registrations: readonly Readonly<Record<string, unknown>>[];
  /** `failed`: it could not be read to its end just now. `refused`: the key may not read them. */
  readonly as: 'whole' | 'failed' | 'refused';
};

export type FactFinder = {
  /**
   * Finds what belongs to a webhook's data: never rejects, and takes at most until `deadline` (Unix milliseconds), whatever
   * the API does. The booking or event that the webhook itself is about is asked for anew where it was read before `since`,
   * when the webhook came: it tells of a change.
   */
  find(type: string, data: Readonly<Record<string, unknown>>, deadline: number, since?: number): Promise<Facts>;
  /**
   * Reads all registrations of an event, page after page: never rejects, and takes at most until `deadline`; less where the
   * API hangs or its limits are used up. Reading goes on meanwhile, so whoever asks again a little later has more. A list
   * that was read once serves for a minute, but for those who ask for a change that came `since`: it is read anew where it
   * was begun before that.
   */
  registrations(eventId: string, deadline: number, since?: number): Promise<Registrations>;
};
