/** The id that was meant by what was typed. Ids may differ in upper and lower case alone, so as it is typed comes first. */
export const meantId = (typed: string, ids: readonly string[]): string | undefined =>
  ids.find((id) => id === typed) ?? ids.find((id) => id.toLowerCase() === typed.toLowerCase());
