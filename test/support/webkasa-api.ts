import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type ApiObject = Readonly<Record<string, unknown>> & { readonly id: string };

export type WebKasaApiOptions = {
  readonly bookings?: readonly ApiObject[];
  readonly schedules?: readonly ApiObject[];
  readonly events?: readonly ApiObject[];
  /** By event. */
  readonly registrations?: Readonly<Record<string, readonly ApiObject[]>>;
  /** What the key may do; all that can be read without. */
  readonly scopes?: readonly string[];
  /** Requests a minute for the key, as documented. */
  readonly limit?: number;
  /** How many rows a page has at the most, whatever is asked for. */
  readonly mostRows?: number;
  /** Called after each page of a list, to move its rows about. */
  readonly betweenPages?: (rows: ApiObject[]) => void;
  /** What a page says of the list, in place of the truth. */
  readonly meta?: (meta: PageMeta) => unknown;
};

export type PageMeta = {
  readonly total: number;
  readonly limit: number;
  readonly offset: number;
  readonly hasMore: boolean;
};

/** What the API does in place of answering. */
export type ApiMisbehaviour =
  | { readonly as: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  | { readonly as: 'hang' }
  | { readonly as: 'reset' }
  | { readonly as: 'slow'; readonly milliseconds: number }
  | { readonly as: 'body'; readonly body: string }
  | { readonly as: 'redirect'; readonly to: string };

/** A stand-in for WebKasa's REST API over real HTTP: its keys, pages, limits and what it documents of its errors. */
export type WebKasaApi = {
  /** For WEBKASA_API_URL. */
  readonly url: string;
  readonly key: string;
  /** The paths that were asked for, refused ones too, with their query. */
  readonly requests: readonly string[];
  /** How many were answered with 429. */
  refusals(): number;
  /** From now on, for paths with their query that begin so; undefined: as it should be. */
  setBehaviour(misbehaviour: ApiMisbehaviour | undefined, path?: string): void;
  close(): Promise<void>;
};

const KEY = `wk_test_${'0123456789abcdef'.repeat(4).slice(0, 56)}`;
const BASE = '/api/v1/';
const MINUTE = 60_000;
const SCOPES = ['bookings:read', 'events:read', 'registrations:read'];

const scopeOf = (path: string): string => {
  if (path.endsWith('/registrations')) return 'registrations:read';
  return path.startsWith('events') ? 'events:read' : 'bookings:read';
};

export const startWebKasaApi = async (options: WebKasaApiOptions = {}): Promise<WebKasaApi> => {
  const limit = options.limit ?? 100;
  const schedules = [...(options.schedules ?? [])];
  const registrations = new Map(Object.entries(options.registrations ?? {}).map(([id, rows]) => [id, [...rows]]));
  const requests: string[] = [];
  let refusals = 0;
  let behaviour: { misbehaviour: ApiMisbehaviour; path: string } | undefined;
  let window = { until: 0, count: 0 };

  /** Counts a request; false where it is one too many. Every answer says how matters stand. */
  const count = (response: ServerResponse): boolean => {
    const at = Date.now();
    if (at >= window.until) window = { until: at + MINUTE, count: 0 };
    window.count += 1;
    response.setHeader('X-RateLimit-Limit', limit);
    response.setHeader('X-RateLimit-Remaining', Math.max(limit - window.count, 0));
    response.setHeader('X-RateLimit-Reset', Math.ceil(window.until / 1000));
    return window.count <= limit;
  };

  const json = (response: ServerResponse, status: number, body: unknown): void => {
    response.statusCode = status;
    response.setHeader('Content-Type', 'application/json');
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };

  const page = (all: ApiObject[], query: URLSearchParams) => {
    const size = Math.min(Number(query.get('limit') ?? 50), options.mostRows ?? 100);
    const offset = Number(query.get('offset') ?? 0);
    const data = all.slice(offset, offset + size);
    const meta = { total: all.length, limit: size, offset, hasMore: offset + size < all.length };
    const answer = { data, meta: options.meta ? options.meta(meta) : meta };
    options.betweenPages?.(all);
    return answer;
  };

  const answer = (path: string, query: URLSearchParams, response: ServerResponse): unknown => {
    if (path === 'schedules') return json(response, 200, page(schedules, query));
    const [kind = '', id, ...more] = path.split('/');
    const rows = kind === 'events' && more.join('/') === 'registrations' ? registrations.get(id ?? '') : undefined;
    if (rows) return json(response, 200, page(rows, query));
    const all = kind === 'bookings' ? options.bookings : kind === 'events' ? options.events : undefined;
    const found = more.length === 0 ? all?.find((object) => object.id === decodeURIComponent(id ?? '')) : undefined;
    return found ? json(response, 200, { data: found }) : json(response, 404, { error: 'Not found' });
  };

  const misbehave = (asked: ApiMisbehaviour, response: ServerResponse, go: () => unknown): unknown => {
    switch (asked.as) {
      case 'status':
        for (const [name, value] of Object.entries(asked.headers ?? {})) response.setHeader(name, value);
        return json(response, asked.status, { error: 'as the test asked' });
      case 'body':
        return json(response, 200, asked.body);
      case 'redirect':
        response.setHeader('Location', asked.to);
        return json(response, 302, {});
      case 'reset':
        return response.destroy();
      case 'slow':
        return setTimeout(go, asked.milliseconds);
      case 'hang':
        return undefined;
    }
  };

  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://api');
    const path = pathname.startsWith(BASE) ? pathname.slice(BASE.length) : '';
    const asked = path + (searchParams.size > 0 ? `?${searchParams}` : '');
    requests.push(asked);
    if (request.headers.authorization !== `Bearer ${KEY}`) return json(response, 401, { error: 'Unauthorized' });
    if (!count(response)) {
      refusals += 1;
      const rest = Math.ceil((window.until - Date.now()) / 1000);
      response.setHeader('Retry-After', rest);
      return json(response, 429, { error: 'Too many requests', code: 'RATE_LIMITED', retry_after: rest });
    }
    if (!(options.scopes ?? SCOPES).includes(scopeOf(path))) return json(response, 403, { error: 'Forbidden' });
    const go = (): unknown => answer(path, searchParams, response);
    if (behaviour && asked.startsWith(behaviour.path)) return misbehave(behaviour.misbehaviour, response, go);
    go();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    key: KEY,
    requests,
    refusals: () => refusals,
    setBehaviour(misbehaviour, path = '') {
      behaviour = misbehaviour && { misbehaviour, path };
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
