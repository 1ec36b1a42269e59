import { rulesJsonSchema } from '../route/schema.ts';
import { command, UsageError } from './command.ts';

export const rules = command({
  name: 'rules',
  summary: 'print the JSON Schema of the rules file, for editors',
  args: 'schema',
  count: [1, 1],
  options: {},
  json: true,
  examples: ['rules schema > rules.schema.json'],
  run: async ({ args: [what] }, { out }) => {
    if (what !== 'schema') throw new UsageError(`rules knows only "schema", not "${what}".`, 'rules');
    out.write(`${JSON.stringify(rulesJsonSchema(), null, 2)}\n`);
    return 0;
  },
});
