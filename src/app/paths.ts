import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from '../config.ts';

/** The absolute paths of everything in DATA_DIR and beside it. */
export type Paths = {
  readonly data: string;
  readonly database: string;
  readonly rules: string;
  /** What the team edits from Slack, beside the rules file. */
  readonly team: string;
  readonly templates: string;
  readonly sheets: string;
  readonly mailOutbox: string;
  readonly slackOutbox: string;
};

export const pathsOf = (config: Config): Paths => {
  const data = resolve(config.dataDir);
  const rules = config.rulesFile ? resolve(config.rulesFile) : join(data, 'rules.yaml');
  return {
    data,
    database: join(data, 'webkasa-bot.db'),
    rules,
    team: join(dirname(rules), 'team.json'),
    templates: config.templatesDir
      ? resolve(config.templatesDir)
      : fileURLToPath(new URL('../../templates', import.meta.url)),
    sheets: join(data, 'sheets'),
    mailOutbox: join(data, 'outbox', 'mail'),
    slackOutbox: join(data, 'outbox', 'slack'),
  };
};
