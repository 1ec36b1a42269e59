/** A mail address as it appears in log lines, also percent-encoded in a URL. */
const ADDRESS = /[\p{L}\p{N}._+'%-]{1,64}(?:@|%40)[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63})+/giu;
/** Tokens recognized by their prefix. */
const TOKEN = /\b(?:xox[a-z]|xapp|wk_live|wk_test|ya29)[-_.][\w-]{6,}|\bBearer\s+[\w.~+/-]{8,}=*/g;
/** The user and password of a URL. */
const LOGIN = /(?<=:\/\/)[^\s/@"]{1,500}@/g;

/** Shorter secrets would also match ordinary text by chance. */
const SHORTEST = 6;

/** Returns a function that redacts tokens, logins in URLs and these secrets, for texts such as other programs' errors. */
export const createSecretGuard = (secrets: readonly string[] = []): ((text: string) => string) => {
  const known = secrets
    .filter((secret) => secret.length >= SHORTEST)
    // Also as escaped in a JSON string.
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
 * Returns a function that redacts a log line: the same, and mail addresses. This is the last line of defence, against what
 * errors from elsewhere repeat: nothing of the kind is logged on purpose.
 */
export const createLogGuard = (secrets: readonly string[] = []): ((line: string) => string) => {
  const guard = createSecretGuard(secrets);
  return (line) => {
    const text = guard(line);
    // The pattern is costly, and a busy log has thousands of lines a second.
    return text.includes('@') || text.includes('%40') ? text.replace(ADDRESS, '[address]') : text;
  };
};
