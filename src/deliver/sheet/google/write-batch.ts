import { randomInt } from 'node:crypto';
import type { Receipt } from '../../../core/delivery.ts';
import { DeliveryError } from '../../../core/errors.ts';
import type { SheetsApi } from './api.ts';
import { headerFault, layOut, type Placed, type TabState, tabState } from './layout.ts';
import { ambiguous, type Candidate, findRows, landedRows } from './lookup.ts';
import { movedRows, rangesToShow } from './moved.ts';
import { sameTab, sameText } from './requests.ts';
import type { GoogleRow } from './row.ts';

/** Stores the headers that the bot has written below, to tell a renamed one from a new one. */
export type HeaderMemory = {
  get(spreadsheet: string, tab: string): Promise<readonly string[]>;
  set(spreadsheet: string, tab: string, headers: readonly string[]): Promise<void>;
};

export type BatchDeps = {
  readonly api: SheetsApi;
  readonly memory: HeaderMemory;
  readonly now: () => number;
  /** How long after it was sent an unanswered request may still be carried out, in milliseconds. */
  readonly lingering: number;
};

/** Refusals of a whole request that may be due to a single one of its rows. */
const OF_ONE_ROW = ['google_refused', 'protected'];

/**
 * Writes a batch of rows to one spreadsheet in their order: reads tabs, headers and keys, and then writes everything with one
 * atomic request. Settles every row. Must not run concurrently for one spreadsheet.
 */
export const writeBatch = async (deps: BatchDeps, spreadsheet: string, rows: readonly GoogleRow[]): Promise<void> => {
  try {
    const states = await readTabs(deps.api, spreadsheet, new Set(rows.map(({ tab }) => tab)));
    const remembered = new Map<TabState, readonly string[]>();
    for (const state of states.values()) remembered.set(state, await deps.memory.get(spreadsheet, state.title));

    const candidates = rows.flatMap((row): Candidate[] => {
      const state = states.get(sameTab(row.tab));
      if (!state) return [];
      const fault = headerFault(state, row.columns, remembered.get(state) ?? []);
      if (!fault) return [{ row, state }];
      row.reject(fault);
      return [];
    });
    const { placed, landed } = await place(deps, spreadsheet, candidates);
    const noted = await noteAll(deps, placed);
    const { written, refused } = await write(deps, spreadsheet, states, noted);
    await remember(deps.memory, spreadsheet, remembered, [...landed, ...written.keys()]);

    for (const row of landed) row.resolve(receipt(spreadsheet, row.tab, 'written by the attempt before'));
    for (const [row, { at, fault }] of written) {
      if (fault) row.reject(fault);
      else if (at === undefined) row.resolve(receipt(spreadsheet, row.tab, 'added'));
      else row.resolve(receipt(spreadsheet, row.tab, 'updated', at));
    }
    // A row that Google never accepts must not hold up the others: bisection finds it.
    const half = refused.length >> 1;
    for (const part of [refused.slice(0, half), refused.slice(half)]) {
      if (part.length > 0) await writeBatch(deps, spreadsheet, part);
    }
  } catch (error) {
    for (const row of rows) row.reject(error);
  }
};

/** The tabs by normalised name; existing ones under their actual names. */
const readTabs = async (
  api: SheetsApi,
  spreadsheet: string,
  titles: ReadonlySet<string>,
): Promise<ReadonlyMap<string, TabState>> => {
  const states = new Map([...titles].map((title) => [sameTab(title), tabState(title, undefined, [])]));
  const named = [...states.values()].map(({ title }) => title);
  for (const { tab, rows } of await api.tabs(spreadsheet, named)) {
    states.set(sameTab(tab.title), tabState(tab.title, tab, rows));
  }
  return states;
};

/** Finds out where rows go, and which are there already. Rejects those that have to wait. */
const place = async (
  { api, now, lingering }: BatchDeps,
  spreadsheet: string,
  candidates: readonly Candidate[],
): Promise<{ readonly placed: readonly Placed[]; readonly landed: readonly GoogleRow[] }> => {
  const found = await findRows(api, spreadsheet, candidates);
  const landed = await landedRows(api, spreadsheet, candidates, found);
  const placed = candidates.flatMap((candidate): Placed[] => {
    const { row } = candidate;
    if (landed.has(row)) return [];
    const rows = found.get(row) ?? [];
    const fault = ambiguous(candidate, rows) ?? stillUnderWay(row, now(), lingering);
    if (!fault) return [{ row, at: rows[0] }];
    row.reject(fault);
    return [];
  });
  return { placed, landed: [...landed] };
};

/** While an unanswered request may still be carried out, writing could write twice. */
const stillUnderWay = ({ doubt }: GoogleRow, now: number, lingering: number): DeliveryError | undefined => {
  if (!doubt || doubt.answered) return undefined;
  // A clock that was set back must not make the wait longer than it ever is.
  const left = Math.min(doubt.sentAt + lingering - now, lingering);
  return left <= 0
    ? undefined
    : new DeliveryError(
        'still_unclear',
        'Google did not answer the attempt before, and the row is not there. It may still come, so the next look is in a few minutes.',
        { verdict: 'wait', retryAfterMs: Math.max(left, 1) },
      );
};

/** Returns the rows whose notes are stored; a row without one is not written. */
const noteAll = async ({ api, now }: BatchDeps, placed: readonly Placed[]): Promise<readonly Placed[]> => {
  const waiting = placed.filter(({ row }) => !row.isDropped());
  if (waiting.length === 0) return [];
  api.takeWrite();
  const note = { sentAt: now(), answered: false };
  const notes = await Promise.allSettled(waiting.map(({ row }) => row.note(note)));
  return waiting.filter(({ row }, index) => {
    const outcome = notes[index];
    if (outcome?.status === 'rejected') row.reject(outcome.reason);
    return outcome?.status === 'fulfilled' && !row.isDropped();
  });
};

type Written = {
  readonly written: ReadonlyMap<
    GoogleRow,
    { readonly at: number | undefined; readonly fault: DeliveryError | undefined }
  >;
  /** Rows of which at least one was refused, without saying which. */
  readonly refused: readonly GoogleRow[];
};

const write = async (
  { api, now }: BatchDeps,
  spreadsheet: string,
  states: ReadonlyMap<string, TabState>,
  placed: readonly Placed[],
): Promise<Written> => {
  if (placed.length === 0) return { written: new Map(), refused: [] };
  const parts = [...states.values()].flatMap((state) => {
    const here = placed.filter(({ row }) => sameTab(row.tab) === sameTab(state.title));
    return here.length === 0 ? [] : [{ state, here, laid: layOut(state, here, randomInt(1, 2 ** 31)) }];
  });
  try {
    const after = await api.write(
      spreadsheet,
      parts.flatMap(({ laid }) => laid.requests),
      parts.flatMap(({ state, laid, here }) => rangesToShow(state, laid, here)),
    );
    const moved = new Map(parts.flatMap(({ state, laid, here }) => [...movedRows(state, laid, here, after)]));
    return { written: new Map(placed.map(({ row, at }) => [row, { at, fault: moved.get(row) }])), refused: [] };
  } catch (error) {
    if (!(error instanceof DeliveryError)) throw error;
    // Answered, so nothing of it is still in progress. If that can't be stored, the next attempt only waits in vain.
    if (error.code !== 'google_unreachable') {
      await Promise.allSettled(placed.map(({ row }) => row.note({ sentAt: now(), answered: true })));
    }
    if (placed.length < 2 || !OF_ONE_ROW.includes(error.code)) throw error;
    return { written: new Map(), refused: placed.map(({ row }) => row) };
  }
};

const remember = async (
  memory: HeaderMemory,
  spreadsheet: string,
  remembered: ReadonlyMap<TabState, readonly string[]>,
  rows: readonly GoogleRow[],
): Promise<void> => {
  for (const [{ title }, before] of remembered) {
    const names = rows
      .filter(({ tab }) => sameTab(tab) === sameTab(title))
      .flatMap(({ columns }) => columns.map(([name]) => sameText(name)));
    const all = new Set([...before, ...names]);
    // Best effort: without it, only a rename before the next write goes unnoticed.
    if (all.size > before.length) await memory.set(spreadsheet, title, [...all]).catch(() => {});
  }
};

const receipt = (spreadsheet: string, tab: string, what: string, at?: number): Receipt => ({
  summary: `row${at === undefined ? '' : ` ${at + 1}`} in the Google spreadsheet's tab "${tab}", ${what}`,
  detail: { spreadsheet, tab, ...(at !== undefined && { row: at + 1 }) },
});
