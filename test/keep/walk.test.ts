import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { filesIn } from '../../src/keep/walk.ts';
import { tempFolder } from '../support/temp.ts';

it('passes over what a running bot takes away while it looks, and over nothing else', async () => {
  const folder = await tempFolder();
  await writeFile(join(folder, 'stays'), '');
  for (let round = 0; round < 20; round += 1) {
    const drafts = Array.from({ length: 20 }, (_, index) => join(folder, `draft-${index}`));
    for (const draft of drafts) {
      await mkdir(draft);
      await writeFile(join(draft, 'file'), '');
    }
    const looking = filesIn(folder, { links: true });
    await Promise.all(drafts.map((draft) => rm(draft, { recursive: true })));
    expect(await looking).toContain(join(folder, 'stays'));
  }
  expect(await filesIn(join(folder, 'nothing'))).toEqual([]);
});
