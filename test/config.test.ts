import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { EnvSchema, readConfig, SECRETS } from '../src/config.ts';
import { OperatorError } from '../src/core/errors.ts';

const EXAMPLE = readFileSync(new URL('../.env.example', import.meta.url), 'utf8');
const ALL_ON = EXAMPLE.replaceAll(/^#(?=[A-Z_]+=)/gm, '');

const refusal = (env: Readonly<Record<string, string>>): string => {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof OperatorError) return error.message;
    throw error;
  }
  throw new Error('the settings were taken');
};

describe('.env.example', () => {
  it('explains every setting there is, once, and no other', () => {
    const names = [...EXAMPLE.matchAll(/^#?([A-Z_]+)=/gm)].map(([, name]) => name);
    expect(names.toSorted()).toEqual(Object.keys(EnvSchema.shape).toSorted());
  });

  it('has words of explanation before every setting', () => {
    const groups = EXAMPLE.split(/\n\n+/).filter((group) => /^#?[A-Z_]+=/m.test(group));
    for (const group of groups) expect(group).toMatch(/^# \S+ /);
  });

  it('sets what is the default anyway where it is copied as it is', () => {
    expect(readConfig(parseEnv(EXAMPLE))).toEqual(readConfig({}));
  });

  it('gives an example that would be taken for each setting that is off', () => {
    const config = readConfig(parseEnv(ALL_ON));

    expect(config).toMatchObject({
      mailFrom: 'Example Bookings <bookings@example.com>',
      slackApp: { by: 'socket', appToken: 'xapp-1-A0000000000-0000000000000-0123456789abcdef' },
      slackAlertChannel: '#bookings-alerts',
      slackOperators: ['U0123ABCD', 'S0456EFGH'],
      slackChannel: '#bookings',
      tls: { certFile: '/etc/letsencrypt/live/bot.example.com/fullchain.pem' },
    });
    expect(Object.keys(config).filter((key) => config[key as keyof typeof config] === undefined)).toEqual([]);
  });
});

describe('how Slack reaches the bot', () => {
  const token = { SLACK_BOT_TOKEN: 'xoxb-1' };
  it.each([
    ['not at all with the token alone', token, undefined],
    ['over HTTP with the signing secret', { ...token, SLACK_SIGNING_SECRET: 's' }, { by: 'http', signingSecret: 's' }],
    ['by Socket Mode with an app token', { ...token, SLACK_APP_TOKEN: 'xapp-1' }, { by: 'socket', appToken: 'xapp-1' }],
    [
      'by Socket Mode with both',
      { ...token, SLACK_SIGNING_SECRET: 's', SLACK_APP_TOKEN: 'xapp-1' },
      { by: 'socket', appToken: 'xapp-1' },
    ],
  ])('%s', (_, env, expected) => {
    expect(readConfig(env).slackApp).toEqual(expected);
  });

  it.each(['SLACK_SIGNING_SECRET', 'SLACK_APP_TOKEN'])('refuses %s without a bot token', (name) => {
    expect(() => readConfig({ [name]: 'xapp-1' })).toThrow(`SLACK_BOT_TOKEN is missing: ${name} is set`);
  });

  it('takes operators as ids of users and groups, and nothing else', () => {
    expect(readConfig({ SLACK_OPERATORS: 'U0123, S0456,' }).slackOperators).toEqual(['U0123', 'S0456']);
    expect(() => readConfig({ SLACK_OPERATORS: 'U0123, @anna' })).toThrow('SLACK_OPERATORS holds something other');
    // Nobody meant everybody by it.
    expect(() => readConfig({ SLACK_OPERATORS: ' , ' })).toThrow('SLACK_OPERATORS holds something other');
  });
});

describe('the addresses that alerts go to', () => {
  it.each(['office@example.com', 'Office <office@example.com>, boss@example.com', '"The Office" <a@b.example>,'])(
    'may be %s',
    (text) => {
      expect(readConfig({ ALERT_EMAIL: text }).alertEmail).toBe(text);
    },
  );

  it.each(['office@example.com; boss@example.com', 'office@example.com, boss', 'office', ',', 'a@b@example.com'])(
    'are refused where one of them would never be written to: %s',
    (text) => {
      expect(() => readConfig({ ALERT_EMAIL: text })).toThrow('ALERT_EMAIL holds something other than mail addresses');
    },
  );
});

describe('reading the settings', () => {
  it('needs none of them', () => {
    expect(readConfig({})).toEqual({
      host: '127.0.0.1',
      port: 3000,
      publicUrl: 'http://localhost:3000',
      webhookSecrets: [],
      webkasa: undefined,
      dataDir: './data',
      rulesFile: undefined,
      templatesDir: undefined,
      timezone: 'UTC',
      locale: 'en-US',
      mail: undefined,
      mailFrom: undefined,
      mailReplyTo: undefined,
      slack: undefined,
      slackApp: undefined,
      slackChannel: '#bookings',
      slackAlertChannel: '#bookings',
      slackOperators: [],
      googleAccountFile: undefined,
      tls: undefined,
      logLevel: 'info',
      production: false,
    });
  });

  it('takes an empty value, blanks or undefined for none', () => {
    const names = Object.keys(EnvSchema.shape);
    for (const nothing of ['', '  ', '\t', undefined]) {
      expect(readConfig(Object.fromEntries(names.map((name) => [name, nothing])))).toEqual(readConfig({}));
    }
  });

  it('passes over what is not for it', () => {
    expect(readConfig({ PATH: '/bin', npm_config_user_agent: 'npm' })).toEqual(readConfig({}));
  });

  it.each([
    ['one', ['one']],
    ['old,new', ['old', 'new']],
    [' old , new ,', ['old', 'new']],
    [',', []],
  ])('reads the webhook secrets from %j', (WEBKASA_WEBHOOK_SECRET, secrets) => {
    expect(readConfig({ WEBKASA_WEBHOOK_SECRET }).webhookSecrets).toEqual(secrets);
  });

  it('links to where it listens, unless it is told where people reach it', () => {
    const tls = { TLS_CERT_FILE: 'cert.pem', TLS_KEY_FILE: 'key.pem' };

    expect(readConfig({ PORT: '8080' }).publicUrl).toBe('http://localhost:8080');
    expect(readConfig({ ...tls, PORT: '8443' }).publicUrl).toBe('https://localhost:8443');
    expect(readConfig({ ...tls, PUBLIC_URL: 'https://bot.example.com' }).publicUrl).toBe('https://bot.example.com');
  });

  it.each([
    ['production', true],
    ['development', false],
    ['test', false],
  ])('knows production from other places: %s', (NODE_ENV, production) => {
    expect(readConfig({ NODE_ENV }).production).toBe(production);
  });

  it('takes what people write', () => {
    const config = readConfig({
      PORT: '0',
      TIMEZONE: 'America/Argentina/Buenos_Aires',
      LOCALE: 'pl',
      SMTP_URL: 'smtps://user%40example.com:p%40ss@mail.example.com:465',
      MAIL_FROM: '"Bookings, Ltd" <bookings@example.com>',
      SLACK_BOT_TOKEN: 'xoxb-1',
    });

    expect(config).toMatchObject({
      port: 0,
      mail: { smtpUrl: 'smtps://user%40example.com:p%40ss@mail.example.com:465' },
      slack: { token: 'xoxb-1', apiUrl: 'https://slack.com/api/' },
    });
  });
});

describe("the key of WebKasa's API", () => {
  it('is asked of WebKasa itself, unless another address is told', () => {
    expect(readConfig({ WEBKASA_API_KEY: 'wk_test_1' }).webkasa).toEqual({
      key: 'wk_test_1',
      url: 'https://api.webkasa.app',
    });
    const proxy = { WEBKASA_API_KEY: 'wk_test_1', WEBKASA_API_URL: 'http://127.0.0.1:9' };
    expect(readConfig(proxy).webkasa?.url).toBe('http://127.0.0.1:9');
    expect(readConfig({ WEBKASA_API_URL: 'http://127.0.0.1:9' }).webkasa).toBeUndefined();
  });

  it.each(['verysecret', 'wk_live_ä', 'wk_live_1\n2'])(
    'is none that can not be one, and is not repeated: %j',
    (key) => {
      expect(refusal({ WEBKASA_API_KEY: key }).match(/WEBKASA_API_KEY is not an API key/g)).toHaveLength(1);
      expect(refusal({ WEBKASA_API_KEY: key })).not.toContain(key);
    },
  );
});

describe('settings that can not be used', () => {
  it('are all named at once', () => {
    const wrong = {
      PORT: 'http',
      PUBLIC_URL: 'bot.example.com',
      TIMEZONE: 'Mars/Olympus',
      LOCALE: 'english, please',
      SMTP_URL: 'mail.example.com',
      MAIL_FROM: 'Bookings',
      MAIL_REPLY_TO: 'nobody',
      SLACK_BOT_TOKEN: 'xapp-secret',
      SLACK_API_URL: 'ftp://slack.com/',
      LOG_LEVEL: 'loud',
    };

    const lines = refusal(wrong).split('\n').slice(1);

    expect(lines.map((line) => line.match(/[A-Z_]+/)?.[0]).toSorted()).toEqual(Object.keys(wrong).toSorted());
    expect(lines).toContain('  - PORT is not a whole number from 0 to 65535');
    expect(lines).toContain('  - TIMEZONE is not an IANA time zone like Europe/Berlin');
    expect(lines).toContain('  - LOG_LEVEL is not one of trace, debug, info, warn, error, silent');
  });

  it.each(['65536', '-1', '3000.5', '0x', 'Infinity'])('are such as the port %s', (PORT) => {
    expect(refusal({ PORT })).toMatch(/PORT is not a whole number/);
  });

  it.each(['3', '7.5', 'a year', '999999999'])('are %s days of keeping, said in one line', (RETENTION_DAYS) => {
    expect(refusal({ RETENTION_DAYS }).split('\n').slice(1)).toEqual([
      '  - RETENTION_DAYS is not a whole number of days from 7 to 36500',
    ]);
  });

  it.each(['#', 'two words', '#a, #b', 'https://example.slack.com/archives/C1'])('are the Slack channel %j', (name) => {
    expect(refusal({ SLACK_CHANNEL: name })).toContain('SLACK_CHANNEL is no channel');
    expect(refusal({ SLACK_ALERT_CHANNEL: name })).toContain('SLACK_ALERT_CHANNEL is no channel');
  });

  it.each(['prod', 'Production', 'staging'])('are %s, which would not be as strict as production', (NODE_ENV) => {
    expect(refusal({ NODE_ENV })).toContain('NODE_ENV is not one of development, production');
  });

  it.each(['xoxb-1…', 'xoxb-1 ', 'xoxb-“1”'])('are the Slack token %j, which no request could carry', (token) => {
    expect(refusal({ SLACK_BOT_TOKEN: token })).toContain('SLACK_BOT_TOKEN is not a bot token');
    const app = token.replace('xoxb', 'xapp');
    expect(refusal({ SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: app })).toContain(
      'SLACK_APP_TOKEN is not an app-level',
    );
  });

  it('never show a secret', () => {
    const message = refusal({
      SLACK_BOT_TOKEN: 'xoxp-verysecret',
      SMTP_URL: 'http://user:verysecret@mail.example.com',
      WEBKASA_WEBHOOK_SECRET: 'verysecret',
      PORT: 'x',
    });

    expect(message).toMatch(/SLACK_BOT_TOKEN.*\n.*SMTP_URL|SMTP_URL.*\n.*SLACK_BOT_TOKEN/);
    expect(message).not.toMatch(/verysecret/);
  });

  it.each(['TLS_CERT_FILE', 'TLS_KEY_FILE'])('are half of a TLS pair: %s alone', (name) => {
    expect(refusal({ [name]: 'file.pem' })).toMatch(/TLS_CERT_FILE and TLS_KEY_FILE go together/);
  });

  it('are a mail server without a sender', () => {
    expect(refusal({ SMTP_URL: 'smtp://mail.example.com' })).toMatch(/MAIL_FROM is missing/);
  });

  it('are told together where two belong together and a third is wrong', () => {
    const message = refusal({ SMTP_URL: 'smtp://mail.example.com', TLS_KEY_FILE: 'key.pem', PORT: 'x' });

    for (const name of ['MAIL_FROM', 'TLS_CERT_FILE', 'PORT']) expect(message).toContain(name);
  });

  it('come with where to mend them', () => {
    expect(() => readConfig({ PORT: 'x' })).toThrow(
      expect.objectContaining({ remedy: expect.stringContaining('.env') }),
    );
  });
});

describe('secrets from files', () => {
  const fileOf = (content: string | Uint8Array): string => {
    const folder = mkdtempSync(join(tmpdir(), 'secret-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'secret');
    writeFileSync(file, content);
    return file;
  };
  const EXAMPLES = parseEnv(ALL_ON) as Record<string, string>;

  it.each(SECRETS)('%s is the same from a file', (name) => {
    const { [name]: value = '', ...others } = EXAMPLES;
    expect(value).not.toBe('');
    const env = { ...others, [`${name}_FILE`]: fileOf(`\uFEFF${value}\r\n`) };
    expect(readConfig(env)).toEqual(readConfig(EXAMPLES));
  });

  it('every setting that names one says so in .env.example', () => {
    const groups = EXAMPLE.split(/\n\n+/);
    for (const name of SECRETS) {
      expect(groups.find((group) => new RegExp(`^#?${name}=`, 'm').test(group))).toContain('or …_FILE');
    }
  });

  it('both the setting and its file are one too many', () => {
    const said = refusal({
      SMTP_URL: 'smtp://localhost',
      SMTP_URL_FILE: fileOf('smtp://localhost'),
      MAIL_FROM: 'a@b.c',
    });
    expect(said).toContain('  - SMTP_URL and SMTP_URL_FILE are both set: keep one of them');
  });

  it.each([
    ['is not there', '/nowhere/at/all', /SLACK_BOT_TOKEN_FILE can't be read: ENOENT.*\/nowhere\/at\/all/],
    ['is a folder', '/', /SLACK_BOT_TOKEN_FILE can't be read: EISDIR/],
    ['is empty', '/dev/null', /SLACK_BOT_TOKEN_FILE names a file with nothing in it: \/dev\/null/],
    [
      'holds several lines',
      fileURLToPath(import.meta.url),
      /SLACK_BOT_TOKEN_FILE names a file that holds more than a line/,
    ],
  ])('a file that %s is one clear problem', (_, file, said) => {
    const refused = refusal({ SLACK_BOT_TOKEN_FILE: file, SLACK_APP_TOKEN: 'xapp-1' });
    expect(refused).toMatch(said);
    // Not that it is missing as well.
    expect(refused.match(/^ {2}- /gm)).toHaveLength(1);
  });

  it('what a file holds is never repeated', () => {
    const refused = refusal({
      DATABASE_URL_FILE: fileOf('mysql://u:hunter2@db/x'),
      WEBKASA_API_KEY_FILE: fileOf('hunter2'),
    });
    expect(refused).toContain('DATABASE_URL is not a URL like');
    expect(refused).toContain('WEBKASA_API_KEY is not an API key');
    expect(refused).not.toContain('hunter2');
  });
});
