import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { createMetrics } from '../../src/watch/metrics.ts';
import { addStoreGauges } from '../../src/watch/store-gauges.ts';

/*
 * The files of deploy/ and the documents name metrics; here are all that a bot has. test/e2e/watch.test.ts asks a running one.
 */
const ROOT = resolve(import.meta.dirname, '../..');

type Metric = { readonly type: string; readonly labels: ReadonlySet<string> };

const known = new Map<string, Metric>();

beforeAll(async () => {
  const { registry } = createMetrics({ store: 'sqlite' });
  addStoreGauges(registry, () => Promise.reject(new Error('not asked')), Date.now);
  for (const metric of await registry.getMetricsAsJSON()) {
    const { labelNames } = registry.getSingleMetric(metric.name) as unknown as { labelNames: string[] };
    known.set(metric.name, { type: String(metric.type), labels: new Set([...labelNames, 'le', 'instance', 'job']) });
  }
});

/** A metric by the name that a query gives it: histograms have three. */
const metricOf = (name: string): Metric | undefined =>
  known.get(name) ?? known.get(name.replace(/_(?:bucket|sum|count)$/, ''));

/** What a query may say besides metrics and labels. */
const WORDS = new Set('sum max min rate increase topk absent histogram_quantile by label_values and or on'.split(' '));

/** Looks through a query: every name in it is a metric with these labels, and brackets close. */
const checkQuery = (query: string): void => {
  const bare = query.replace(/"[^"]*"/g, '""');
  for (const [open, close] of ['()', '{}', '[]'].map((pair) => [...pair])) {
    expect(bare.split(open ?? '').length, query).toBe(bare.split(close ?? '').length);
  }
  let used = 0;
  for (const [, name = '', selector = ''] of bare.matchAll(/([a-z_][a-z0-9_]*)(?:\{([^}]*)\})?/gi)) {
    const metric = metricOf(name);
    if (!metric) continue;
    used += 1;
    for (const [, label = ''] of selector.matchAll(/([a-z_]+)\s*(?:=~|!~|!=|=)/g)) {
      expect(metric.labels.has(label), `${name} has no label ${label}: ${query}`).toBe(true);
    }
    if (/_total$/.test(name)) expect(bare, query).toMatch(/rate\(|increase\(/);
  }
  expect(used, `names no metric of the bot: ${query}`).toBeGreaterThan(0);
  const rest = bare.replace(/\{[^}]*\}|\[[^\]]*\]/g, '').replace(/\bby\s*\(([^)]*)\)/g, (_, labels: string) => {
    for (const label of labels.split(',')) expect(isLabel(label.trim(), bare), `${label} in ${query}`).toBe(true);
    return '';
  });
  for (const [word] of rest.matchAll(/[a-z_][a-z0-9_]*/gi)) {
    expect(
      WORDS.has(word) || metricOf(word) !== undefined || word === 'up' || word === 'instance',
      `${word} in ${query}`,
    ).toBe(true);
  }
};

const isLabel = (label: string, query: string): boolean =>
  [...query.matchAll(/[a-z_][a-z0-9_]*/gi)].some(([name]) => metricOf(name)?.labels.has(label));

describe('deploy/grafana/webkasa-bot.json', () => {
  type Panel = {
    readonly id: number;
    readonly title: string;
    readonly type: string;
    readonly description?: string;
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
    readonly datasource?: { readonly uid: string };
    readonly targets?: readonly { readonly refId: string; readonly expr: string }[];
  };
  type Dashboard = {
    readonly schemaVersion: number;
    readonly panels: readonly Panel[];
    readonly templating: { list: { name: string; definition?: string }[] };
  };
  const read = async (): Promise<Dashboard> =>
    JSON.parse(await readFile(join(ROOT, 'deploy/grafana/webkasa-bot.json'), 'utf8')) as Dashboard;

  test('every query names metrics and labels that there are', async () => {
    const { panels, templating } = await read();
    const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    expect(queries.length).toBeGreaterThan(20);
    for (const query of queries) checkQuery(query);
    expect(templating.list.map(({ name }) => name)).toEqual(['datasource', 'instance']);
  });

  test('panels have ids of their own, say what they show, and lie beside each other', async () => {
    const { panels, schemaVersion } = await read();
    expect(schemaVersion).toBeGreaterThanOrEqual(39);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const taken = new Map<string, string>();
    for (const { title, type, description, datasource, gridPos } of panels) {
      if (type !== 'row') {
        expect(description, title).toBeTruthy();
        expect(datasource?.uid, title).toMatch(/^\$\{datasource\}$/);
      }
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect(taken.get(`${x} ${y}`), title).toBeUndefined();
          taken.set(`${x} ${y}`, title);
        }
      }
    }
  });
});

describe('deploy/prometheus/alerts.yaml', () => {
  type Rule = {
    readonly alert: string;
    readonly expr: string;
    readonly for: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };

  test('every rule asks for metrics that there are, waits, and says how bad it is and what to do', async () => {
    const { groups } = parse(await readFile(join(ROOT, 'deploy/prometheus/alerts.yaml'), 'utf8')) as {
      groups: { name: string; rules: Rule[] }[];
    };
    const rules = groups.flatMap((group) => group.rules);
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const rule of rules) {
      expect(Object.keys(rule).sort(), rule.alert).toEqual(['alert', 'annotations', 'expr', 'for', 'labels']);
      expect(rule.alert).toMatch(/^WebkasaBot[A-Z]\w+$/);
      expect(rule.for, rule.alert).toMatch(/^\d+[smh]$/);
      expect(rule.labels.severity, rule.alert).toMatch(/^(?:warning|critical)$/);
      expect(Object.keys(rule.annotations).sort(), rule.alert).toEqual(['action', 'summary']);
      for (const text of Object.values(rule.annotations)) expect(text.length, rule.alert).toBeGreaterThan(10);
      if (rule.expr !== 'up{job="webkasa-bot"} == 0') checkQuery(rule.expr);
    }
  });
});

test('docs/operations.md names every metric of the bot, and none that is not there', async () => {
  const text = await readFile(join(ROOT, 'docs/operations.md'), 'utf8');
  const named = new Set([...text.matchAll(/webkasa_bot_[a-z_]+/g)].map(([name]) => name));
  expect([...named].filter((name) => !metricOf(name))).toEqual([]);
  expect([...known.keys()].filter((name) => name.startsWith('webkasa_bot_') && !named.has(name))).toEqual([]);
});
