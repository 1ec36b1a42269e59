import { z } from 'zod';
import { DeliveryError } from '../../../core/errors.ts';
import { answerFailure, type Call, noAnswer } from './failure.ts';
import { type AfterWrite, afterWrite, GridSchema, textsOf } from './grid.ts';
import { createMinute, type Minute } from './minute.ts';
import { rangeOf, sameTab } from './requests.ts';
import type { ServiceAccount } from './service-account.ts';
import { createTokenSource } from './token.ts';

/** One change of a `spreadsheets.batchUpdate`; see requests.ts. */
export type SheetRequest = Readonly<Record<string, unknown>>;

export type Tab = { readonly sheetId: number; readonly title: string; readonly columnCount: number };

/** A tab with the texts of its first two rows. */
export type TabTop = { readonly tab: Tab; readonly rows: readonly (readonly string[])[] };

/** The part of the Google Sheets API that the bot uses. Every call throws a DeliveryError where it fails. */
export type SheetsApi = {
  readonly email: string;
  /** Those of these tabs that exist, under their actual names; see sameTab. */
  tabs(spreadsheet: string, titles: readonly string[]): Promise<readonly TabTop[]>;
  /** The displayed texts of ranges in A1 notation, without empty rows and cells at the end. */
  read(spreadsheet: string, ranges: readonly string[]): Promise<readonly (readonly (readonly string[])[])[]>;
  /** Takes a place in the quota for the next `write`, before it is noted; throws a `wait` where there is none. */
  takeWrite(): void;
  /** Carries out all changes or none, in one request; returns the texts in the `look` ranges right after it. */
  write(spreadsheet: string, requests: readonly SheetRequest[], look: readonly string[]): Promise<AfterWrite>;
  /** Until when Google asked to wait, in Unix milliseconds. */
  quietUntil(): number;
  close(): void;
};

export type SheetsApiDeps = {
  readonly account: ServiceAccount;
  readonly apiUrl?: string;
  readonly now?: () => number;
  /** In milliseconds. */
  readonly timeout?: number;
};

/** Google allows 60 reads and 60 writes a minute per user; a few are left for other uses of the account. */
const MOST_A_MINUTE = 55;
/** The fields of a write's answer that are needed: texts, and where their ranges begin. */
const WRITE_FIELDS =
  'updatedSpreadsheet.sheets(properties.sheetId,data(startRow,startColumn,rowData.values.formattedValue))';

const TAB_FIELDS =
  'sheets(properties(sheetId,title,gridProperties.columnCount),data(startRow,startColumn,rowData.values.formattedValue))';

const TitlesSchema = z.object({
  sheets: z.array(z.object({ properties: z.object({ title: z.string() }) })).default([]),
});
const TabsSchema = z.object({
  sheets: z
    .array(
      z.object({
        properties: z.object({
          sheetId: z.number().default(0),
          title: z.string(),
          gridProperties: z.object({ columnCount: z.number() }).optional(),
        }),
        data: z.array(GridSchema).default([]),
      }),
    )
    .default([]),
});
const ValuesSchema = z.object({
  valueRanges: z.array(z.object({ values: z.array(z.array(z.unknown())).default([]) })).default([]),
});

export const createSheetsApi = ({
  account,
  apiUrl = 'https://sheets.googleapis.com',
  now = Date.now,
  timeout = 60_000,
}: SheetsApiDeps): SheetsApi => {
  const closing = new AbortController();
  const tokens = createTokenSource(account, now);
  const reads = createMinute(MOST_A_MINUTE);
  const writes = createMinute(MOST_A_MINUTE);
  let quietUntil = 0;

  const take = (minute: Minute): void => {
    const time = now();
    const until = quietUntil > time ? quietUntil : minute.take(time);
    if (until > time) throw itsTurn(until - time);
  };

  const send = async (path: string, call: Call, body?: unknown): Promise<unknown> => {
    // Outside the try: a failed sign-in has written nothing.
    const token = await tokens.token(closing.signal);
    let response: Response;
    let answer: unknown;
    try {
      response = await fetch(new URL(path, apiUrl), {
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.any([closing.signal, AbortSignal.timeout(timeout)]),
      });
      const text = await response.text();
      answer = parse(text);
    } catch (error) {
      throw noAnswer(error, call);
    }
    if (response.ok) return answer;
    if (response.status === 401) tokens.forget(token);
    const failure = answerFailure(response, answer, call);
    if (failure.verdict === 'wait') quietUntil = now() + (failure.retryAfterMs ?? 0);
    throw failure;
  };

  const get = (spreadsheet: string, path: string): Promise<unknown> => {
    take(reads);
    return send(`/v4/spreadsheets/${encodeURIComponent(spreadsheet)}${path}`, {
      spreadsheet,
      email: account.email,
      writes: false,
    });
  };

  const tops = async (spreadsheet: string, titles: readonly string[]): Promise<readonly TabTop[]> => {
    const query = new URLSearchParams(titles.map((title) => ['ranges', rangeOf(title, '1:2')]));
    query.set('fields', TAB_FIELDS);
    const { sheets } = shaped(TabsSchema, await get(spreadsheet, `?${query}`));
    return sheets.map(({ properties: { sheetId, title, gridProperties }, data }) => ({
      tab: { sheetId, title, columnCount: gridProperties?.columnCount ?? 0 },
      rows: textsOf(data[0]),
    }));
  };

  return {
    email: account.email,
    async tabs(spreadsheet, titles) {
      try {
        return await tops(spreadsheet, titles);
      } catch (error) {
        // Google's answer if one of them does not exist.
        if (!(error instanceof DeliveryError) || error.code !== 'google_refused') throw error;
      }
      const fields = 'sheets.properties(title)';
      const { sheets } = shaped(TitlesSchema, await get(spreadsheet, `?${new URLSearchParams({ fields })}`));
      const wanted = new Set(titles.map(sameTab));
      const there = sheets.map(({ properties: { title } }) => title).filter((title) => wanted.has(sameTab(title)));
      return there.length === 0 ? [] : tops(spreadsheet, there);
    },
    async read(spreadsheet, ranges) {
      const query = new URLSearchParams(ranges.map((range) => ['ranges', range]));
      query.set('valueRenderOption', 'FORMATTED_VALUE');
      const { valueRanges } = shaped(ValuesSchema, await get(spreadsheet, `/values:batchGet?${query}`));
      return ranges.map((_, index) => (valueRanges[index]?.values ?? []).map((row) => row.map(String)));
    },
    takeWrite: () => take(writes),
    async write(spreadsheet, requests, look) {
      const query = new URLSearchParams({ fields: WRITE_FIELDS });
      const path = `/v4/spreadsheets/${encodeURIComponent(spreadsheet)}:batchUpdate?${query}`;
      const call = { spreadsheet, email: account.email, writes: true };
      const answered = { includeSpreadsheetInResponse: true, responseIncludeGridData: true, responseRanges: look };
      return afterWrite(await send(path, call, { requests, ...answered }));
    },
    quietUntil: () => quietUntil,
    close: () => closing.abort(),
  };
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const shaped = <T>(schema: z.ZodType<T>, answer: unknown): T => {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new DeliveryError('google_unavailable', 'Google answered with something unexpected. It is tried again.', {
    verdict: 'retry',
  });
};

const itsTurn = (forMs: number): DeliveryError =>
  new DeliveryError('its_turn', 'Waits for its turn: Google allows sixty requests a minute.', {
    verdict: 'wait',
    retryAfterMs: forMs,
  });
