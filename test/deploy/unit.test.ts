import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EnvSchema, SECRETS } from '../../src/config.ts';
import { tempFolder } from '../support/temp.ts';
import { ROOT, textOf } from './files.ts';

const UNIT = textOf('deploy/webkasa-bot.service');

const analyze = (args: readonly string[]): Promise<{ code: unknown; said: string } | 'absent'> =>
  new Promise((settle) => {
    execFile(
      'systemd-analyze',
      args,
      { env: { ...process.env, LC_ALL: 'C.UTF-8', SYSTEMD_COLORS: '0' } },
      (error, out, err) =>
        settle(error?.code === 'ENOENT' ? 'absent' : { code: error ? error.code : 0, said: out + err }),
    );
  });

/** The unit with the program that is here, since verifying looks for it. */
const unitFile = async (): Promise<string> => {
  const file = join(await tempFolder(), 'webkasa-bot.service');
  await writeFile(file, UNIT.replaceAll('/opt/webkasa-bot', ROOT));
  return file;
};

describe('deploy/webkasa-bot.service', () => {
  test('starts what there is', () => {
    const [, node = '', program = ''] = /^ExecStart=\/opt\/webkasa-bot\/(\S+) .*?(\S+)$/m.exec(UNIT) ?? [];
    expect([node, program].filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  test('sets only what the bot or Node knows, and secrets only as credentials', () => {
    const names = [...UNIT.matchAll(/^(?:# )?Environment=(\w+)=(.*)$/gm)];
    const known: readonly string[] = [...Object.keys(EnvSchema.shape), 'NODE_COMPILE_CACHE', 'MALLOC_ARENA_MAX'];
    const files = names.filter(([, name = '']) => !known.includes(name));
    for (const [, name = '', value = ''] of files) {
      expect(SECRETS.map((secret) => `${secret}_FILE`)).toContain(name);
      expect(UNIT).toContain(`LoadCredential=${value.replace('%d/', '')}:`);
    }
    expect(files).toHaveLength([...UNIT.matchAll(/^(?:# )?LoadCredential=/gm)].length);
  });

  test('is valid for systemd', async ({ skip }) => {
    const verified = await analyze(['verify', await unitFile()]);
    if (verified === 'absent') return skip('systemd-analyze is not here');
    expect(verified).toEqual({ code: 0, said: '' });
  });

  test('exposes little', async ({ skip }) => {
    const judged = await analyze(['security', '--offline=yes', '--no-pager', await unitFile()]);
    if (judged === 'absent') return skip('systemd-analyze is not here');
    const [, level] = /exposure level for webkasa-bot\.service: ([\d.]+)/.exec(judged.said) ?? [];
    expect(Number(level)).toBeLessThanOrEqual(1.5);
  });
});
