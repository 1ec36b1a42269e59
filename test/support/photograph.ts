import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Writes a PNG of a page, as wide as asked and as high as its body is, as somebody who prefers light or dark sees it. */
export const photograph = async (
  html: string,
  file: string,
  { width, scale = 1, dark = false }: { readonly width: number; readonly scale?: number; readonly dark?: boolean },
): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'photograph-'));
  try {
    const page = join(folder, 'page.html');
    const measure =
      "<script>addEventListener('load', () => { document.title = Math.ceil(document.body.getBoundingClientRect().height) })</script>";
    await writeFile(page, html + measure);
    const common = [
      '--headless',
      '--allow-file-access-from-files',
      // Until fonts are there.
      '--virtual-time-budget=10000',
      '--no-sandbox',
      '--disable-gpu',
      '--hide-scrollbars',
      `--blink-settings=preferredColorScheme=${dark ? 0 : 1}`,
      `--user-data-dir=${folder}/profile`,
    ];
    const { stdout } = await run(CHROMIUM, [...common, `--window-size=${width},200`, '--dump-dom', `file://${page}`], {
      maxBuffer: 100_000_000,
    });
    const height = Number(/<title>(\d+)<\/title>/.exec(stdout)?.[1] ?? 800);
    await run(CHROMIUM, [
      ...common,
      `--window-size=${width},${height}`,
      `--force-device-scale-factor=${scale}`,
      `--screenshot=${file}`,
      `file://${page}`,
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
