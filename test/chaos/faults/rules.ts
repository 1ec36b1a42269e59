import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MENDED_RULE_IDS, MENDED_RULES, RULE_IDS, RULES } from '../rules.ts';
import { BOTH, type Fault } from './fault.ts';

/** Somebody saves the file in the middle of a line; later it is right again, with one rule more. */
const broken: Fault = {
  name: 'rules-broken',
  what: 'the rules file is saved broken, and mended with one rule more',
  stores: BOTH,
  lasts: 5_000,
  async begin({ dataDir }) {
    const file = join(dataDir, 'rules.yaml');
    await writeFile(file, RULES.slice(0, RULES.lastIndexOf('columns') + 12));
    return () => writeFile(file, MENDED_RULES);
  },
  // The last good rules went on, which every decision shows; the mended ones must have been read.
  felt: ({ stored, lines }) =>
    lines.some(({ line }) => /rules/i.test(line)) &&
    [...stored.values()].flat().some(({ decisions }) => decisions.length === MENDED_RULE_IDS.length),
  expects: { rules: [RULE_IDS, MENDED_RULE_IDS] },
};

export const RULES_FAULTS: readonly Fault[] = [broken];
