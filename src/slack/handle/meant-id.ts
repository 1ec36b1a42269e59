/** The id that a typed one stands for, ignoring case. Ids may differ in case alone, so an exact match goes first. */
export const meantId = (typed: string, ids: readonly string[]): string | undefined =>
  ids.find((id) => id === typed) ?? ids.find((id) => id.toLowerCase() === typed.toLowerCase());
