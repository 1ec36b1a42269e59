/** A mail address, as far as a line of a log can hold one; also percent-encoded in a URL. */
const ADDRESS = /[\p{L}\p{N}._+'%-]{1,64}(?:@|%40)[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63})+/giu;
/** Tokens that tell themselves by their beginning, and what stands before the @ of a URL. */
const TOKEN = /\b(?:xox[a-z]|xapp|wk_live|wk_test|ya29)[-_.][\w-]{6,}|\bBearer\s+[\w.~+/-]{8,}=*/g;
const LOGIN = /(?<=:\/\/)[^\s/@"]{1,500}@/g;

/** Shorter ones would be found by chance in what is no secret. */
const SHORTEST = 6;

/** Takes tokens, logins in URLs and these secrets out of a text that somebody else made. */
export const createSecretGuard = (secrets: readonly string[] = []): ((text: string) => string) => {
  const known = secrets
    .filter((secret) => secret.length >= SHORTEST)
    // As they stand in a JSON string too.
    .flatMap((secret) => [...new Set([secret, JSON.stringify(secret).slice(1, -1)])])
    .toSorted((one, other) => other.length - one.length);
  return (given) => {
    let text = given;
    for (const secret of known) if (text.includes(secret)) text = text.replaceAll(secret, '[secret]');
    if (text.includes('://')) text = text.replace(LOGIN, '[login]@');
    return text.replace(TOKEN, '[secret]');
  };
};

/**
 * Takes what must not be in a log out of a line of it: the same, and addresses. It is the last guard, for what an error from
 * elsewhere says: nothing of that kind is logged on purpose.
 */
export const createLogGuard = (secrets: readonly string[] = []): ((line: string) => string) => {
  const guard = createSecretGuard(secrets);
  return (line) => {
    const text = guard(line);
    // Looked for only where there may be one: a log at full speed is thousands of lines a second.
    return text.includes('@') || text.includes('%40') ? text.replace(ADDRESS, '[address]') : text;
  };
};
