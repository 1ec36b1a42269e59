import { join } from 'node:path';
import { loadEmailTemplates } from './email.ts';
import type { TemplateLibrary } from './library.ts';
import { loadSlackTemplates } from './slack.ts';

/** Reads and compiles all templates of TEMPLATES_DIR. Never rejects: what can't be used is among the problems. */
export const loadTemplates = async (dir: string): Promise<TemplateLibrary> => {
  const [email, slack] = await Promise.all([
    loadEmailTemplates(join(dir, 'email')),
    loadSlackTemplates(join(dir, 'slack')),
  ]);
  return {
    email: email.templates,
    slack: slack.templates,
    problems: [...email.problems, ...slack.problems],
    mentions: email.mentions,
    broken: { email: email.broken, slack: slack.broken },
  };
};
