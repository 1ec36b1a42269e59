import { rulesText } from '../query/cli/rules.ts';
import { rulesJsonSchema } from '../route/schema.ts';
import { command, UsageError } from './command.ts';
import { print } from './context.ts';

export const rules = command({
  name: 'rules',
  summary: 'list the rules and subscriptions that are in effect',
  args: '[schema]',
  count: [0, 1],
  options: {},
  json: true,
  more: [
    "Reads the rules file and what the team made of it in Slack: subscriptions of channels, and rules that are paused. Names who made them and when, and the channels that can't be told at present.",
    'rules schema prints the JSON Schema of the rules file in their place, for editors.',
  ],
  examples: ['rules', 'rules --json', 'rules schema > rules.schema.json'],
  run: async ({ args: [what] }, context) => {
    if (what === 'schema') {
      context.out.write(`${JSON.stringify(rulesJsonSchema(), null, 2)}\n`);
      return 0;
    }
    if (what !== undefined) throw new UsageError(`rules knows only "schema", not "${what}".`, 'rules');
    const { readRules, withStarterRules } = await import('../app.ts');
    const { config, starter } = await withStarterRules(context.config());
    const answer = await readRules(config, context.config());
    print(context, answer, (all, look) => `${starter ? NOT_STARTED : ''}${rulesText(all, look)}`);
    return 0;
  },
});

const NOT_STARTED = 'There are no rules yet. These are the starter rules, which the first start copies.\n\n';
