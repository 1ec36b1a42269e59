import { createVerify, generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { ServiceAccount } from '../../src/deliver/sheet/google/service-account.ts';
import { aGoogleTab, type GoogleTab, readRange, showRange, tooManyCells, Unreadable } from './google-grid.ts';
import { applyRequests, Refused } from './google-requests.ts';

/** What goes wrong with the next write: before it is carried out, after, or as long as the connection holds. */
export type GoogleTrouble =
  | 'lost-answer'
  | 'lost-request'
  | 'error-after'
  | 'error-before'
  | 'hang'
  /** Carried out, and never answered. */
  | 'silence'
  | 'late'
  /** The same, while a gateway has given up waiting and says so. */
  | 'late-behind-gateway';

export type GoogleStandIn = {
  readonly url: string;
  readonly account: ServiceAccount;
  /** A key file's text for the account. */
  readonly keyFile: string;
  readonly id: string;
  tab(title: string): GoogleTab;
  rows(title: string): string[][];
  setTab(title: string, rows: readonly (readonly string[])[]): GoogleTab;
  removeTab(title: string): void;
  readonly counts: { tokens: number; reads: number; writes: number; refused: number };
  /** The size of the largest request that came, in bytes. */
  largest: number;
  /** Troubles of the next writes, one each. */
  readonly troubles: GoogleTrouble[];
  /** No token that was given out is good any more. */
  expireTokens(): void;
  /** Runs the write that came `late`, long after its connection was cut. */
  runLate(): void;
  access: 'editor' | 'none' | 'revoked';
  /** Requests of each kind that are taken before 429 is answered, with `Retry-After` where that is set, in seconds. */
  quota: number;
  retryAfter: number | undefined;
  /** What people do to the spreadsheet between the bot's look and its next write. Runs once. */
  meanwhile: (() => void) | undefined;
};

/**
 * Google's sign-in and the part of the Sheets API that the bot uses, on a real port. It is as strict as Google: signatures and
 * claims are verified, a batchUpdate is carried out as a whole or not at all, ranges and sheet ids must exist, and texts have
 * the limits of the documentation.
 */
export const startGoogle = async (): Promise<GoogleStandIn> => {
  const { privateKey, publicKey } = keyPair();
  const email = 'bot@example.iam.gserviceaccount.com';
  const id = '1AbCdEfGhIjKlMnOpQrStUvWxYz0123456789';
  const tokens = new Set<string>();
  let tabs = new Map<string, GoogleTab>([['Sheet1', aGoogleTab(0)]]);
  let late: (() => void) | undefined;

  const server = createServer((request, response) => {
    answer(request, response).catch((failure: unknown) => {
      const error = failure instanceof Unreadable ? new Refused(400, failure.message, 'INVALID_ARGUMENT') : failure;
      if (error instanceof Refused && error.code === 429 && standIn.retryAfter !== undefined)
        response.setHeader('retry-after', `${standIn.retryAfter}`);
      if (error instanceof Refused)
        return json(response, error.code, errorBody(error.code, error.message, error.status));
      json(response, 500, errorBody(500, String(error), 'INTERNAL'));
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const tokenUri = `${url}/token`;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await textOf(request);
    standIn.largest = Math.max(standIn.largest, Buffer.byteLength(body));
    const { pathname, searchParams } = new URL(request.url ?? '/', url);
    if (pathname === '/token') return giveToken(new URLSearchParams(body), response);
    if (!tokens.has((request.headers.authorization ?? '').replace('Bearer ', '')))
      throw new Refused(401, 'Request had invalid authentication credentials.', 'UNAUTHENTICATED');
    const writes = request.method === 'POST';
    const count = writes ? 'writes' : 'reads';
    standIn.counts[count] += 1;
    if (standIn.counts[count] > standIn.quota) {
      standIn.counts.refused += 1;
      throw new Refused(429, `Quota exceeded for quota metric '${count}' per minute per user`, 'RESOURCE_EXHAUSTED');
    }
    if (!pathname.startsWith(`/v4/spreadsheets/${id}`))
      throw new Refused(404, 'Requested entity was not found.', 'NOT_FOUND');
    if (standIn.access === 'none') throw new Refused(403, 'The caller does not have permission', 'PERMISSION_DENIED');
    if (writes) {
      standIn.meanwhile?.();
      standIn.meanwhile = undefined;
      return write(JSON.parse(body), request, response);
    }
    if (pathname.endsWith('/values:batchGet')) {
      const valueRanges = searchParams.getAll('ranges').map((range) => readRange(tabs, range));
      return json(response, 200, { spreadsheetId: id, valueRanges });
    }
    json(response, 200, { sheets: sheets(searchParams.getAll('ranges'), searchParams.get('fields') ?? '') });
  };

  const write = (body: WriteBody, request: IncomingMessage, response: ServerResponse): void => {
    const run = (): void => {
      const changed = applyRequests(tabs, body.requests);
      if (tooManyCells(changed))
        throw new Refused(
          400,
          'This action would increase the number of cells in the workbook above the limit of 10000000 cells.',
          'INVALID_ARGUMENT',
        );
      tabs = changed;
    };
    const trouble = standIn.troubles.shift();
    if (trouble === 'error-before') throw new Refused(500, 'Internal error encountered.', 'INTERNAL');
    if (trouble === 'lost-request') return void request.socket.destroy();
    if (trouble === 'hang') return;
    if (trouble === 'late' || trouble === 'late-behind-gateway') {
      late = run;
      if (trouble === 'late') return void request.socket.destroy();
      throw new Refused(504, 'Deadline expired before operation could complete.', 'DEADLINE_EXCEEDED');
    }
    run();
    if (trouble === 'lost-answer') return void request.socket.destroy();
    if (trouble === 'error-after') throw new Refused(503, 'The service is currently unavailable.', 'UNAVAILABLE');
    if (trouble === 'silence') return;
    json(response, 200, shown(body));
  };

  /** The tabs that have one of the ranges, or all where there is none; what stands in them where that is asked for. */
  const sheets = (ranges: readonly string[], fields: string): unknown[] => {
    for (const range of ranges) readRange(tabs, range);
    return [...tabs].flatMap(([title, { sheetId, rowCount, columnCount }]) => {
      const prefix = `'${title.replaceAll("'", "''")}'!`.toLowerCase();
      const its = ranges.filter((range) => range.toLowerCase().startsWith(prefix));
      if (ranges.length > 0 && its.length === 0) return [];
      const properties = { sheetId, title, gridProperties: { rowCount, columnCount } };
      return fields.includes('data(')
        ? [{ properties, data: its.map((range) => showRange(tabs, range)) }]
        : [{ properties }];
    });
  };

  /** What stands in the ranges that were asked for, sheet by sheet. */
  const shown = (body: WriteBody): unknown => {
    if (!body.includeSpreadsheetInResponse || !body.responseIncludeGridData) return {};
    const sheets = [...tabs].flatMap(([title, { sheetId }]) => {
      const prefix = `'${title.replaceAll("'", "''")}'!`;
      const data = (body.responseRanges ?? []).filter((range) => range.startsWith(prefix));
      return data.length === 0 ? [] : [{ properties: { sheetId }, data: data.map((range) => showRange(tabs, range)) }];
    });
    return { updatedSpreadsheet: { sheets } };
  };

  const giveToken = (form: URLSearchParams, response: ServerResponse): void => {
    standIn.counts.tokens += 1;
    const [header = '', claims = '', signature = ''] = (form.get('assertion') ?? '').split('.');
    const { iss, scope, aud, iat, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString());
    const verified = createVerify('RSA-SHA256')
      .update(`${header}.${claims}`)
      .verify(publicKey, Buffer.from(signature, 'base64url'));
    const good =
      verified &&
      form.get('grant_type') === 'urn:ietf:params:oauth:grant-type:jwt-bearer' &&
      iss === email &&
      scope === 'https://www.googleapis.com/auth/spreadsheets' &&
      aud === tokenUri &&
      exp - iat <= 3600 &&
      Math.abs(iat - Date.now() / 1000) < 300;
    if (!good || standIn.access === 'revoked')
      return void json(response, 400, { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' });
    const token = randomUUID();
    tokens.add(token);
    json(response, 200, { access_token: token, expires_in: 3599, token_type: 'Bearer' });
  };

  const tab = (title: string): GoogleTab => {
    const found = tabs.get(title);
    if (!found) throw new Error(`there is no tab ${title}`);
    return found;
  };
  const standIn: GoogleStandIn = {
    url,
    account: { email, privateKey, keyId: 'k1', tokenUri },
    keyFile: JSON.stringify({
      type: 'service_account',
      client_email: email,
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
      private_key_id: 'k1',
      token_uri: tokenUri,
    }),
    id,
    tab,
    rows: (title) => tab(title).rows.map((row) => [...row]),
    setTab: (title, rows) => {
      const made = aGoogleTab(tabs.get(title)?.sheetId ?? tabs.size + 100, rows);
      tabs.set(title, made);
      return made;
    },
    removeTab: (title) => void tabs.delete(title),
    counts: { tokens: 0, reads: 0, writes: 0, refused: 0 },
    largest: 0,
    troubles: [],
    expireTokens: () => tokens.clear(),
    runLate: () => late?.(),
    access: 'editor',
    quota: 60,
    retryAfter: undefined,
    meanwhile: undefined,
  };
  return standIn;
};

/** Made once: making one takes longer than most tests. */
let made: ReturnType<typeof makeKeyPair> | undefined;
const makeKeyPair = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
const keyPair = (): ReturnType<typeof makeKeyPair> => {
  made ??= makeKeyPair();
  return made;
};

type WriteBody = {
  readonly requests: unknown[];
  readonly includeSpreadsheetInResponse?: boolean;
  readonly responseIncludeGridData?: boolean;
  readonly responseRanges?: readonly string[];
};

const textOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

const errorBody = (code: number, message: string, status: string): unknown => ({ error: { code, message, status } });
