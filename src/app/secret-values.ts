import type { Config } from '../config.ts';

/** All that is secret among the settings, for whatever must not hold any of it, as the log. */
export const secretValues = ({ webhookSecrets, webkasa, mail, slack, slackApp, databaseUrl }: Config): string[] =>
  [
    ...webhookSecrets,
    webkasa?.key,
    slack?.token,
    slackApp?.by === 'http' ? slackApp.signingSecret : slackApp?.appToken,
    ...passwordsIn(mail?.smtpUrl),
    ...passwordsIn(databaseUrl),
  ].filter((value) => value !== undefined);

/** As it is written in the URL, as it is meant, and as it is told to servers. */
const passwordsIn = (url: string | undefined): string[] => {
  if (url === undefined || !URL.canParse(url)) return [];
  const { username, password } = new URL(url);
  if (password === '') return [];
  try {
    const [user, meant] = [username, password].map(decodeURIComponent);
    // As mail servers are told it (RFC 4616, AUTH LOGIN): one that repeats a command repeats it so.
    const told = [`\0${user}\0${meant}`, `${meant}`].map((text) => Buffer.from(text).toString('base64'));
    return [password, `${meant}`, ...told];
  } catch {
    return [password];
  }
};
