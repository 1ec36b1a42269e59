import { type SlackApi, startSlackApi } from '../support/slack-api.ts';
import { type SmtpBehaviour, type SmtpStandIn, startSmtpServer } from '../support/smtp.ts';
import type { Mix } from './stories.ts';

/** The mail server and Slack of a run, and what arrived there. */
export type Sinks = {
  readonly slack: SlackApi;
  /** For SMTP_URL. */
  readonly smtpUrl: string;
  readonly smtp: Pick<SmtpStandIn, 'stop' | 'restart'>;
  /** The deliveries whose mails were taken, in order of arrival. */
  mails(): readonly string[];
  /** How often a mail of a delivery was taken without its sender hearing so. */
  unanswered(): ReadonlyMap<string, number>;
  /** Makes the mail server behave so; with an empty behaviour, well again. */
  behave(behaviour: SmtpBehaviour): void;
  [Symbol.asyncDispose](): Promise<void>;
};

/** Where the bot tells its team what fails. */
export const ALERTS = 'C0ALERTS';

const COLLECT_EVERY = 200;

/** The bot gives up on a silent server after so many milliseconds, in place of its minute. */
const SMTP_PATIENCE = 3_000;

export const startSinks = async (mix: Mix): Promise<Sinks> => {
  const smtp = await startSmtpServer();
  const channels = [...named('c', mix.postChannels), ...named('d', mix.cardChannels)];
  const slack = await startSlackApi({
    unlimited: true,
    channels: [...channels, { id: ALERTS, name: 'alerts', member: true }],
  });
  const mails: string[] = [];
  const unanswered = new Map<string, number>();
  let silent = false;

  /** Mails are let go as they come: fifty thousand of them would fill the memory. */
  const collect = (): void => {
    for (const { raw } of smtp.messages) {
      const id = deliveryOf(raw);
      mails.push(id);
      if (silent) unanswered.set(id, (unanswered.get(id) ?? 0) + 1);
    }
    smtp.clear();
  };
  const collecting = setInterval(collect, COLLECT_EVERY);

  const collected = <Value>(value: Value): Value => {
    collect();
    return value;
  };
  return {
    slack,
    smtp,
    smtpUrl: `${smtp.url}?socketTimeout=${SMTP_PATIENCE}&greetingTimeout=${SMTP_PATIENCE}&connectionTimeout=${SMTP_PATIENCE}`,
    mails: () => collected(mails),
    unanswered: () => collected(unanswered),
    behave(behaviour) {
      collect();
      silent = behaviour.data === 'drop' || behaviour.data === 'hang';
      smtp.setBehaviour(behaviour);
    },
    async [Symbol.asyncDispose]() {
      clearInterval(collecting);
      await Promise.all([smtp.close(), slack.close()]);
    },
  };
};

const named = (kind: string, count: number) =>
  Array.from({ length: count }, (_, n) => ({
    id: `C0CHAOS${kind.toUpperCase()}${n}`,
    name: `${kind}${n}`,
    member: true,
  }));

/** The Message-ID is made of the delivery's id. */
const deliveryOf = (raw: Buffer): string =>
  /^message-id:\s*<([^@>]+)@/im.exec(raw.subarray(0, 4_000).toString('latin1'))?.[1] ?? 'a mail without a Message-ID';
