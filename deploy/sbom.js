#!/usr/bin/env node
// `npm run sbom --silent > sbom.cdx.json`: all that the bot is made of, as CycloneDX, from the lock file alone. Any Node
// from 20 on runs it. `npm sbom --omit=dev` leaves out what the tests need in another version too, such as nodemailer; so npm
// is shown a lock file without the tests' packages.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const read = (name) => JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8'));
const { devDependencies: _, allowScripts: __, ...manifest } = read('package.json');
const lock = read('package-lock.json');
const shipped = Object.entries(lock.packages).filter(([path, { dev }]) => path !== '' && !dev);
const { devDependencies: ___, ...root } = lock.packages[''];

const folder = mkdtempSync(join(tmpdir(), 'sbom-'));
try {
  const write = (name, value) => writeFileSync(join(folder, name), JSON.stringify(value));
  write('package.json', manifest);
  write('package-lock.json', { ...lock, packages: { '': root, ...Object.fromEntries(shipped) } });
  const options = ['--package-lock-only', '--sbom-format=cyclonedx', '--sbom-type=application'];
  process.stdout.write(execFileSync('npm', ['sbom', ...options], { cwd: folder, maxBuffer: 50_000_000 }));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
