import type { Config } from '../config.ts';

/** All that is secret among the settings, for the log, which must not hold any of it. */
export const secretValues = ({ webhookSecrets, webkasa, mail, slack, slackApp, databaseUrl }: Config): string[] =>
  [
    ...webhookSecrets,
    webkasa?.key,
    slack?.token,
    slackApp?.by === 'http' ? slackApp.signingSecret : slackApp?.appToken,
    ...passwordsIn(mail?.smtpUrl),
    ...passwordsIn(databaseUrl),
  ].filter((value) => value !== undefined);

/** As it is written in the URL, and as it is meant. */
const passwordsIn = (url: string | undefined): string[] => {
  if (url === undefined || !URL.canParse(url)) return [];
  const { password } = new URL(url);
  if (password === '') return [];
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    return [password];
  }
};
