import { onTestFinished } from 'vitest';
import type { ClaimedDelivery, Note, Receipt } from '../../../src/core/delivery.ts';
import type { Channel } from '../../../src/deliver/channel.ts';
import { createSheetChannel } from '../../../src/deliver/sheet/channel.ts';
import { createGoogleSheets } from '../../../src/deliver/sheet/google/sheets.ts';
import type { GoogleStandIn } from '../../support/google.ts';
import { aFolder, aRow } from './sheets.ts';

export type Headers = Map<string, readonly string[]>;

/** The sheet channel as the bot has it; `headers` survives a restart. */
export const aGoogleChannel = async (
  google: GoogleStandIn,
  over: { headers?: Headers; lingering?: number; timeout?: number; now?: () => number } = {},
): Promise<Channel> => {
  const headers: Headers = over.headers ?? new Map();
  const channel = createSheetChannel({
    folder: await aFolder('quick'),
    google: createGoogleSheets({
      account: google.account,
      apiUrl: google.url,
      memory: {
        get: async (spreadsheet, tab) => headers.get(`${spreadsheet}/${tab}`) ?? [],
        set: async (spreadsheet, tab, names) => void headers.set(`${spreadsheet}/${tab}`, names),
      },
      ...(over.lingering !== undefined && { lingering: over.lingering }),
      ...(over.timeout !== undefined && { timeout: over.timeout }),
      ...(over.now !== undefined && { now: over.now }),
    }),
  });
  onTestFinished(() => channel.close?.());
  return channel;
};

export const aGoogleRow = (
  google: Pick<GoogleStandIn, 'id'>,
  id: string,
  columns: Readonly<Record<string, string>>,
  over: { tab?: string; key?: string } = {},
): ClaimedDelivery => {
  const tab = over.tab ?? 'Sheet1';
  return {
    ...aRow(id, columns),
    destination: `sheet:google:${google.id}/${tab}`,
    action: {
      kind: 'sheet',
      sheet: { google: google.id, tab, columns, ...(over.key !== undefined && { key: over.key }) },
    },
  };
};

/** Performs a delivery until it is done, as the deliverer does: with the notes of unclear attempts, and none of the pauses. */
export const performUntilDone = async (channel: Channel, delivery: ClaimedDelivery): Promise<Receipt> => {
  let { unclear } = delivery;
  for (let attempt = 1; ; attempt += 1) {
    let noted: Note | null = null;
    const note = async (given: Note): Promise<void> => {
      noted = given;
    };
    try {
      return await channel.perform({ ...delivery, attempt, unclear }, { signal: new AbortController().signal, note });
    } catch (error) {
      if (attempt === 20) throw error;
      if (error instanceof Error && 'unclear' in error && error.unclear === true)
        unclear = { startedAt: 0, endedAt: 0, note: noted ?? unclear?.note ?? null };
    }
  }
};
