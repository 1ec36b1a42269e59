import type { StoreStatus } from '../store/ports.ts';

/** The requests refused for one reason, what that reason means, and what to do about it. */
export type RejectedRequests = {
  readonly reason: string;
  /** How many since the store was created. */
  readonly count: number;
  readonly lastAt: Date;
  readonly meaning: string;
  readonly remedy: string;
};

type Explanation = Pick<RejectedRequests, 'meaning' | 'remedy'>;

const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  signature_missing: {
    meaning: 'the request had no X-WebKasa-Signature',
    remedy: 'Make the proxy in front pass all headers on. If none is in front, it was somebody else than WebKasa.',
  },
  signature_malformed: {
    meaning: 'X-WebKasa-Signature was not of the form sha256=<hex>',
    remedy: 'Look whether a proxy in front doubles or changes headers.',
  },
  signature_wrong: {
    meaning: "the secret in WEBKASA_WEBHOOK_SECRET differs from WebKasa's, or the body was changed on its way",
    remedy: 'Copy the secret that WebKasa shows beside this endpoint once more, and start the bot again.',
  },
  invalid_payload: {
    meaning: 'the signature was right, but the body is no JSON object with a string "id" and "type"',
    remedy: 'Look whether something other than WebKasa signs with this secret.',
  },
  payload_too_large: {
    meaning: 'the body was larger than 1 MB',
    remedy: 'WebKasa sends nothing as large: find out who does.',
  },
  request_timeout: {
    meaning: 'the body did not arrive within 10 seconds',
    remedy: 'Look at the network, or at a proxy in front that holds requests back.',
  },
  aborted: {
    meaning: 'the sender went away in the middle of the body',
    remedy: 'WebKasa sends it again by itself; if it happens often, look at the network.',
  },
  slack_missing: {
    meaning: 'a request to /slack/events had no Slack signature',
    remedy: 'Make the proxy in front pass all headers on. If none is in front, it was somebody else than Slack.',
  },
  slack_malformed: {
    meaning: "a request to /slack/events had a signature or time that is not of Slack's form",
    remedy: 'Look whether a proxy in front doubles or changes headers.',
  },
  slack_wrong: {
    meaning: "SLACK_SIGNING_SECRET differs from the app's, or the body was changed on its way",
    remedy: 'Copy the Signing Secret from Basic Information of the Slack app once more, and start the bot again.',
  },
  slack_stale: {
    meaning: 'a request to /slack/events was more than five minutes old, or from the future',
    remedy: "Set this machine's clock by the network (NTP). If it is right, somebody sent an old request again.",
  },
  slack_replayed: {
    meaning: 'the same signed request came to /slack/events twice',
    remedy: 'Look whether a proxy in front sends requests again. If none does, somebody else sent a copy.',
  },
  slack_invalid_payload: {
    meaning: 'the Slack signature was right, but the body is nothing that Slack sends',
    remedy: 'Look whether something other than Slack signs with this secret.',
  },
  slack_payload_too_large: {
    meaning: 'the body of a request to /slack/events was larger than 1 MB',
    remedy: 'Slack sends nothing as large: find out who does.',
  },
  slack_request_timeout: {
    meaning: 'the body of a request to /slack/events did not arrive within 3 seconds',
    remedy: 'Look at the network, or at a proxy in front that holds requests back.',
  },
  slack_aborted: {
    meaning: 'Slack went away in the middle of a request to /slack/events',
    remedy: 'Press the button or type the command again; if it happens often, look at the network.',
  },
};

const UNKNOWN: Explanation = { meaning: 'the request was refused', remedy: "Look for it in the bot's log." };

const WEEK = 7 * 86_400_000;

/** The reasons for which requests were refused within the last week. */
export const recentRejections = (status: Pick<StoreStatus, 'rejections'>, now: number): RejectedRequests[] =>
  status.rejections
    .filter(({ lastAt }) => now - lastAt < WEEK)
    .map(({ reason, count, lastAt }) => ({
      reason,
      count,
      lastAt: new Date(lastAt),
      ...(EXPLANATIONS[reason] ?? UNKNOWN),
    }));
