import { access } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Config } from '../config.ts';
import { pathsOf } from './paths.ts';

const STARTER = fileURLToPath(new URL('../../templates/rules.yaml', import.meta.url));

/** The settings with the starter rules, which the first start would copy, where there are no rules yet. */
export const withStarterRules = async (
  config: Config,
): Promise<{ readonly config: Config; readonly starter: boolean }> => {
  const starter = config.rulesFile === undefined && !(await exists(pathsOf(config).rules));
  return { config: starter ? { ...config, rulesFile: STARTER } : config, starter };
};

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );
