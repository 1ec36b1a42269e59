import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { Alert } from '../../src/core/alert.ts';
import { eraseRows, tracesIn } from '../../src/keep/erase.ts';
import { personOf } from '../../src/keep/person.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { keptState } from '../../src/watch/alert/kept.ts';
import { emptyState } from '../../src/watch/alert/state.ts';
import { died, routed } from '../contracts/store/harness.ts';
import { aWebhook, T0 } from '../support/builders.ts';
import { tempFolder } from '../support/temp.ts';

const GONE = 'gone@example.com';

const dead = (id: string, to: string, message: string) =>
  ({ id, kind: 'email', to, resource: 'booking:bk_1', rule: 'tell', code: '550', message }) as const;

it('takes a person out of what the team is yet to be told of dead deliveries', async () => {
  const store = await openSqliteStore(join(await tempFolder(), 'webkasa-bot.db'));
  onTestFinished(() => store[Symbol.asyncDispose]());
  const data = { id: 'bk_1', attendee_email: GONE, attendee_name: 'Gwendolyn' };
  const [theirs = '', post = ''] = await routed(store, aWebhook({ data }), [
    { destination: `email:${GONE}` },
    { kind: 'slack', destination: 'slack:#bookings' },
  ]);
  await died(store, theirs);
  const alert: Alert = {
    as: 'dead',
    count: 7,
    at: T0,
    deliveries: [
      dead(theirs, GONE, `550 ${GONE} is unknown`),
      { ...dead(post, '#bookings', 'no post about Gwendolyn'), kind: 'slack' },
      dead('dl_other', 'anna@example.com', 'the mailbox of Anna is full'),
    ],
  };
  const trouble = {
    key: 'backlog',
    title: 'A backlog',
    overTitle: 'Over',
    cause: `${GONE} waits`,
    remedy: '',
    since: T0,
  };
  const kept = keptState(store, () => T0);
  const state = { ...emptyState(T0), lasting: [{ trouble, seenAt: T0 }], owed: { slack: [alert] } };
  await kept.write({ ...state, dead: { until: T0, told: [theirs], toldAt: T0 } });
  expect(await tracesIn(store, personOf(GONE))).toContainEqual({ table: 'card', rows: 1 });

  expect(await eraseRows(store, personOf(GONE), () => T0)).toBe(true);

  expect(await tracesIn(store, personOf(GONE))).toEqual([]);
  const after = await kept.read();
  expect(after).toEqual({
    ...state,
    lasting: [{ trouble: { ...trouble, cause: '(erased) waits' }, seenAt: T0 }],
    owed: {
      slack: [
        {
          ...alert,
          deliveries: [
            dead(theirs, '(erased)', '(erased)'),
            { ...dead(post, '(erased)', '(erased)'), kind: 'slack' },
            alert.deliveries[2],
          ],
        },
      ],
    },
    dead: { until: T0, told: [theirs], toldAt: T0 },
  });
});
