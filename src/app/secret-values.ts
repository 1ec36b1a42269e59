import type { Config } from '../config.ts';

/** The secrets among the settings, to be redacted from logs and errors. */
export const secretValues = ({ webhookSecrets, webkasa, mail, slack, slackApp, databaseUrl }: Config): string[] =>
  [
    ...webhookSecrets,
    webkasa?.key,
    slack?.token,
    slackApp?.by === 'http' ? slackApp.signingSecret : slackApp?.appToken,
    ...passwordsIn(mail?.smtpUrl),
    ...passwordsIn(databaseUrl),
  ].filter((value) => value !== undefined);

/**
 * The password of a URL: as written there, decoded, and as it is sent to mail servers. PostgreSQL's may also be a parameter
 * (`?password=`), which then wins.
 */
const passwordsIn = (url: string | undefined): string[] => {
  if (url === undefined || !URL.canParse(url)) return [];
  const { username, password, search, searchParams } = new URL(url);
  const [, raw] = /[?&]password=([^&]*)/.exec(search) ?? [];
  const inQuery = raw ? [raw, searchParams.get('password') ?? raw] : [];
  return [...inQuery, ...(password === '' ? [] : formsOf(username, password))];
};

const formsOf = (username: string, password: string): string[] => {
  try {
    const [user, decoded] = [decodeURIComponent(username), decodeURIComponent(password)];
    // AUTH PLAIN (RFC 4616) and AUTH LOGIN: a server's error may repeat the command that held it.
    const sent = [`\0${user}\0${decoded}`, decoded].map((text) => Buffer.from(text).toString('base64'));
    return [password, decoded, ...sent];
  } catch {
    return [password];
  }
};
