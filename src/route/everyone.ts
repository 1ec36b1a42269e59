import { EVERYONE_REGISTERED, type Rule } from '../core/rule.ts';
import { nearest } from '../core/suggest.ts';
import type { Fault, Path } from './fault.ts';

/** What is wrong with a rule that mails everyone registered for an event; paths lead from the rule. */
export const everyoneFaults = ({ on, actions }: Pick<Rule, 'on' | 'actions'>): Fault[] =>
  actions.flatMap((action, index): Fault[] => {
    if (action.kind !== 'email') return [];
    const to = [action.email.to].flat();
    const place = to.indexOf(EVERYONE_REGISTERED);
    const at = ['actions', index, 'email'];
    const placed = (place: number): Path => (Array.isArray(action.email.to) ? [...at, 'to', place] : [...at, 'to']);
    const misspelt = to.flatMap((one, place) =>
      isMisspelt(one) ? [{ path: placed(place), message: meant(one) }] : [],
    );
    if (place < 0) return misspelt;
    const others = on.filter((pattern) => !pattern.startsWith('event.'));
    const copies = (['cc', 'bcc'] as const).filter((field) => action.email[field] !== undefined);
    return [
      ...misspelt,
      ...(others.length === 0
        ? []
        : [
            {
              path: placed(place),
              message:
                `${EVERYONE_REGISTERED} are those registered for the event that a webhook is about, and this rule is also ` +
                `on ${others.join(', ')}; give it a rule of its own, on event types like event.updated`,
            },
          ]),
      ...copies.map((field) => ({
        path: [...at, field],
        message: `would get a copy of each mail to ${EVERYONE_REGISTERED}; take it away, and write to them once by an action of its own`,
      })),
    ];
  });

/** No address, and near the word that stands for everyone: `everyone_registered`, `Everyone`. */
const isMisspelt = (to: string): boolean =>
  to !== EVERYONE_REGISTERED &&
  !/[@{]/.test(to) &&
  (/^every(?:one|body)\b/i.test(to.trim()) || nearest(to.trim(), [EVERYONE_REGISTERED]) !== undefined);

const meant = (to: string): string => `"${to}" is no mail address; did you mean ${EVERYONE_REGISTERED}?`;
