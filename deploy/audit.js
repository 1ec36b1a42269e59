#!/usr/bin/env node
// `npm run audit`: known weaknesses in what the bot is made of, from moderate on, as the registry knows them. Exits with 0
// where there are none, 1 where there are, 2 where that could not be found out. Any Node from 20 on runs it.
import { execFile } from 'node:child_process';

const ORDER = ['info', 'low', 'moderate', 'high', 'critical'];

const parse = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const end = (code, text) => {
  process[code === 0 ? 'stdout' : 'stderr'].write(`${text}\n`);
  process.exitCode = code;
};

const namesIn = (vulnerabilities) =>
  Object.values(vulnerabilities)
    .filter(({ severity }) => ORDER.indexOf(severity) >= ORDER.indexOf('moderate'))
    .map(
      ({ name, severity, range, fixAvailable }) =>
        `  ${name} ${range}: ${severity}${fixAvailable ? ', mended in a newer version' : ''}`,
    );

execFile('npm', ['audit', '--omit=dev', '--json'], { maxBuffer: 50_000_000, timeout: 120_000 }, (error, out) => {
  const report = parse(out);
  if (report?.vulnerabilities === undefined) {
    const why = report?.message ?? report?.error?.summary ?? error?.message ?? 'no answer';
    end(
      2,
      `Not audited: the registry does not answer audits (${why.split('\n')[0]}).\nNothing is known either way. Run it again where the registry does, before a release.`,
    );
    return;
  }
  const found = namesIn(report.vulnerabilities);
  const count = report.metadata?.dependencies?.prod ?? 'all';
  if (found.length === 0) end(0, `No known weakness, moderate or worse, in ${count} packages.`);
  else
    end(
      1,
      `Known weaknesses:\n${found.join('\n')}\n\`npm audit --omit=dev\` tells more; \`npm audit fix\` takes newer versions.`,
    );
});
