import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');
const SRC = join(ROOT, 'src');

const filesUnder = (folder: string, ending: RegExp): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => ending.test(name) && !name.includes('node_modules'))
    .map((name) => join(folder, name));

const sources = filesUnder(SRC, /\.ts$/);
const text = (file: string): string => readFileSync(file, 'utf8');
const inSrc = (file: string): string => relative(SRC, file);

const importsOf = (file: string): string[] =>
  [...text(file).matchAll(/(?:from|import)\s+'(\.[^']+)'/g)].map(([, path = '']) => resolve(dirname(file), path));

/** The folder of src a file belongs to; files directly in src are named themselves. */
const areaOf = (file: string): string => inSrc(file).split('/')[0] ?? '';

/** What each part may import, besides itself. One line here is a decision: CONTRIBUTING.md tells why they are as they are. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'main.ts': ['commands', 'runtime'],
  'cli.ts': ['commands', 'runtime'],
  commands: [
    'app.ts',
    'config.ts',
    'core',
    'export',
    'keep',
    'query',
    'receive',
    'route',
    'runtime',
    'samples',
    'slack',
    'store',
    'template',
  ],
  'app.ts': ['app', 'config.ts', 'core', 'deliver', 'http', 'keep', 'receive', 'route', 'runtime', 'store', 'team'],
  app: [
    'config.ts',
    'core',
    'deliver',
    'keep',
    'http',
    'query',
    'receive',
    'route',
    'runtime',
    'slack',
    'store',
    'team',
    'template',
    'watch',
    'webkasa',
  ],
  'config.ts': ['core', 'runtime', 'setting-values.ts'],
  'setting-values.ts': ['core'],
  core: [],
  runtime: ['core'],
  http: ['core', 'runtime', 'store'],
  receive: ['core', 'http', 'runtime', 'store'],
  store: ['core', 'runtime'],
  template: ['core'],
  samples: ['core'],
  route: ['core', 'runtime', 'samples', 'store', 'template'],
  deliver: ['core', 'runtime', 'store', 'template'],
  query: ['core', 'runtime', 'store', 'template'],
  export: ['core', 'store'],
  keep: ['core', 'deliver', 'runtime', 'store'],
  watch: ['core', 'deliver', 'http', 'runtime', 'store'],
  team: ['core', 'runtime'],
  webkasa: ['core', 'runtime', 'template'],
  slack: ['core', 'http', 'query', 'runtime', 'store', 'template'],
};

describe('the structure of src', () => {
  test('each part imports only what the table allows', () => {
    const breaches = sources.flatMap((file) => {
      const allowed = [areaOf(file), ...(MAY_IMPORT[areaOf(file)] ?? [])];
      return importsOf(file)
        .filter((imported) => !allowed.includes(areaOf(imported)))
        .map((imported) => `${inSrc(file)} imports ${inSrc(imported)}`);
    });
    expect(breaches).toEqual([]);
  });

  test('stages know of the store only its ports', () => {
    for (const file of sources.filter((source) => !['store', 'app', 'app.ts'].includes(areaOf(source)))) {
      const adapters = importsOf(file).filter(
        (imported) => inSrc(imported).startsWith('store/') && !imported.endsWith('ports.ts'),
      );
      expect(adapters.map(inSrc), inSrc(file)).toEqual([]);
    }
  });

  test('no file imports itself in a circle', () => {
    const done = new Set<string>();
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) throw new Error([...path.slice(path.indexOf(file)), file].map(inSrc).join(' → '));
      if (done.has(file) || !file.endsWith('.ts')) return;
      for (const imported of runtimeImportsOf(file)) visit(imported, [...path, file]);
      done.add(file);
    };
    for (const file of sources) visit(file, []);
  });

  test('no file is too long to follow', () => {
    const long = sources.filter((file) => text(file).split('\n').length > 250);
    expect(long.map(inSrc)).toEqual([]);
  });

  test('node:sqlite is imported in one file', () => {
    expect(sources.filter((file) => text(file).includes("'node:sqlite'")).map(inSrc)).toEqual([
      'store/sqlite/database.ts',
    ]);
  });
});

/** Type-only imports vanish when the code runs, so they may go round. */
const runtimeImportsOf = (file: string): string[] =>
  [...text(file).matchAll(/^import (?!type )[^;]*?'(\.[^']+)'/gms)].map(([, path = '']) =>
    resolve(dirname(file), path),
  );

describe('the documents', () => {
  const documents = [
    ...filesUnder(join(ROOT, 'docs'), /\.md$/),
    ...['README.md', 'CONTRIBUTING.md'].map((name) => join(ROOT, name)),
  ];

  test.each(documents.map((file) => [relative(ROOT, file), file]))('%s names only files that exist', (_, file) => {
    const named = [
      ...[...text(file).matchAll(/`((?:src|test|docs|templates|deploy|bin)\/[\w./-]+)`/g)].map(([, path = '']) =>
        join(ROOT, path),
      ),
      ...[...text(file).matchAll(/\]\(((?!https?:|#|mailto:)[^)#]+)/g)].map(([, path = '']) =>
        resolve(dirname(file), path),
      ),
    ];
    expect(named.filter((path) => !statSync(path, { throwIfNoEntry: false }))).toEqual([]);
  });

  test.each(documents.map((file) => [relative(ROOT, file), file]))(
    '%s names only npm scripts that exist',
    (_, file) => {
      const { scripts } = JSON.parse(text(join(ROOT, 'package.json'))) as { scripts: Record<string, string> };
      const named = [...text(file).matchAll(/npm run ([a-z-]+)/g)].map(([, name = '']) => name);
      expect(named.filter((name) => !(name in scripts))).toEqual([]);
    },
  );
});
