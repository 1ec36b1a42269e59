import type { Rule } from '../core/rule.ts';
import type { Subscription } from '../core/team.ts';
import { type CompiledRule, otherTypeOf } from './compile.ts';
import { compileFilters } from './filter-condition.ts';

/**
 * A subscription as a rule: one Slack action to its channel, as a card. It names neither a template nor a text, so the
 * channel shows each webhook by the template of its kind.
 */
export const subscriptionRule = ({ id, types, filters, channel }: Subscription): CompiledRule => {
  const rule: Rule = { id, on: types, actions: [{ kind: 'slack', slack: { channel, as: 'card' } }] };
  return {
    id,
    rule,
    condition: filters.length === 0 ? undefined : compileFilters(filters),
    actions: [
      {
        kind: 'slack',
        late: 'deliver',
        as: 'card',
        channel: { render: () => channel, variables: [] },
        template: undefined,
        text: undefined,
      },
    ],
    otherType: otherTypeOf(rule, 'the subscription asks for'),
  };
};
