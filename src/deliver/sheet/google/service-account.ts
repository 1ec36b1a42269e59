import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { messageOf, OperatorError } from '../../../core/errors.ts';

/** The bot's identity at Google. */
export type ServiceAccount = {
  /** The address that teams share their spreadsheets with. */
  readonly email: string;
  readonly privateKey: KeyObject;
  readonly keyId: string | undefined;
  /** The URL of the token endpoint. */
  readonly tokenUri: string;
};

const KeyFileSchema = z.object({
  type: z.literal('service_account'),
  client_email: z.email(),
  private_key: z.string().min(1),
  private_key_id: z.string().optional(),
  token_uri: z.url({ protocol: /^https?$/ }).default('https://oauth2.googleapis.com/token'),
});

const REMEDY =
  'Make a key for the service account in the Google Cloud console (IAM, Service accounts, Keys, JSON) and give the path of ' +
  'the file that it downloads.';

/** Reads a service account's key file, once at the start. Throws an OperatorError that never repeats its content. */
export const readServiceAccount = (path: string): ServiceAccount => {
  const problem = (what: string, cause?: unknown): OperatorError =>
    new OperatorError(`GOOGLE_SERVICE_ACCOUNT_FILE: ${path} ${what}`, { remedy: REMEDY, cause });
  const parsed = KeyFileSchema.safeParse(parseJson(readText(path, problem), problem));
  if (!parsed.success) {
    const fields = [...new Set(parsed.error.issues.map((issue) => issue.path.join('.')))].filter(Boolean).join(', ');
    throw problem(`is no key file of a service account${fields && `: look at ${fields}`}`);
  }
  const { client_email, private_key, private_key_id, token_uri } = parsed.data;
  return {
    email: client_email,
    privateKey: readKey(private_key, problem),
    keyId: private_key_id,
    tokenUri: token_uri,
  };
};

type Problem = (what: string, cause?: unknown) => OperatorError;

const readText = (path: string, problem: Problem): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw problem(`can't be read: ${messageOf(error)}`, error);
  }
};

/** The parser's message is dropped, since it quotes the text. */
const parseJson = (text: string, problem: Problem): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw problem('is not JSON');
  }
};

const readKey = (pem: string, problem: Problem): KeyObject => {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'rsa') return key;
  } catch {
    // Reported below, like a key of another type.
  }
  throw problem('is no key file of a service account: its private_key is not an RSA key');
};
