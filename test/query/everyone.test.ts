import { expect, test } from 'vitest';
import type { PlannedDelivery } from '../../src/core/delivery.ts';
import { failedText } from '../../src/query/cli/failed.ts';
import { paints } from '../../src/query/cli/paint.ts';
import { previewText } from '../../src/query/cli/rerun.ts';
import { retryText } from '../../src/query/cli/retry.ts';
import { showText } from '../../src/query/cli/show.ts';
import { timesIn } from '../../src/query/cli/times.ts';
import { whyText } from '../../src/query/cli/why.ts';
import { failed } from '../../src/query/failed.ts';
import { retry } from '../../src/query/retry.ts';
import { show } from '../../src/query/show.ts';
import { why } from '../../src/query/why.ts';
import { rerunDialog } from '../../src/slack/view/rerun.ts';
import { showView } from '../../src/slack/view/show.ts';
import { whyView } from '../../src/slack/view/why.ts';
import type { Store } from '../../src/store/ports.ts';
import { LOOK } from '../slack/view/samples.ts';
import { aPlannedDelivery, aWebhook, T0 } from '../support/builders.ts';
import { attempt, failedWith } from './filled.ts';
import { ANNA, type Rules, rerunWorld } from './rerun-world.ts';

const look = { paint: paints(false), width: 100, times: timesIn('UTC') };

const RULES = {
  changed: { on: ['event.updated'], actions: [{ email: { to: 'everyone-registered', template: 'event-changed' } }] },
};

const changed = aWebhook({
  id: 'wh_evt_1',
  type: 'event.updated',
  data: { id: 'evt_1', title: 'Open day', start_date: '2027-03-20', status: 'published' },
});

const REFUSED = failedWith('permanent', 'smtp_550', '550 5.1.1 No such user. Correct the address, then retry.', T0);

/** A mail to everyone that came to so many, of which so many failed and so many wait; with a follow-up for the others or without. */
const sent = async (
  {
    all,
    dead = 0,
    waiting = 0,
    followed = false,
  }: { all: number; dead?: number; waiting?: number; followed?: boolean },
  rules: Rules = RULES,
) => {
  const world = await rerunWorld(rules);
  const { store } = world;
  await world.hear(changed);
  const later = T0 + 3_600_000;
  const [parent] = await store.due('email', later, 1);
  const [claim] = await store.claim([parent?.id ?? ''], later);
  if (!claim) throw new Error('nothing was planned');
  const mails = Array.from({ length: all }, (_, index) => mailTo(index));
  const { id, rule, destination, action } = claim;
  const followUp = aPlannedDelivery({ id: `${id}_later`, rule, destination, action, key: 'event:evt_1|later' });
  await store.settle({
    attempt: claim.attempt,
    id: claim.id,
    at: later,
    outcome: {
      status: 'done',
      receipt: { summary: `${all} registered: a mail to each`, fingerprint: 'f' },
      planned: followed ? [...mails, followUp] : mails,
    },
  });
  for (const [index, { id }] of mails.slice(waiting).entries()) {
    await attempt(store, id, later, index < dead ? REFUSED : { status: 'done', receipt: { summary: '250 OK' } });
  }
  return { world, store, parent: id, followUp: followUp.id };
};

const mailTo = (index: number): PlannedDelivery =>
  aPlannedDelivery({
    id: `dl_child${index}`,
    rule: 'changed',
    destination: `email:p${index}@example.com`,
    key: `registration:reg_${index}|email:p${index}@example.com`,
    action: {
      kind: 'email',
      email: { to: `p${index}@example.com`, template: 'event-changed', registration: { id: `reg_${index}`, data: {} } },
    },
  });

const inWords = (text: string): string => text.replace(/\s+/g, ' ');
const whyOf = async (store: Store, id: string) => why(store, id, T0);

test('hundreds of mails are told in number, in a few lines, and those that failed by name', async () => {
  const { store, parent } = await sent({ all: 300, dead: 3, waiting: 12 });
  const answer = await whyOf(store, 'evt_1');
  const text = whyText(answer, look);

  expect(text.split('\n').length).toBeLessThan(30);
  expect(inWords(text)).toContain('✓ email everyone registered: done');
  expect(inWords(text)).toContain(
    `→ 285 sent, 12 waiting, 3 failed for good; after mending the cause: npm run cli -- retry ${parent}`,
  );
  for (const index of [12, 13, 14]) expect(text).toContain(`✗ email p${index}@example.com: dead`);
  expect(text).not.toContain('p15@example.com');
  expect(JSON.stringify(answer).length).toBeLessThan(10_000);
  expect(answer.webhooks[0]?.rules[0]?.deliveries[0]?.cameTo).toEqual({
    pending: 12,
    running: 0,
    done: 285,
    dead: 3,
    superseded: 0,
  });
});

test('one of them is told where it is asked for, by its id', async () => {
  const { store } = await sent({ all: 30 });

  expect(whyText(await whyOf(store, 'dl_child20'), look)).toContain('✓ email p20@example.com: done');
});

test('show tells them in number too', async () => {
  const { store } = await sent({ all: 30, dead: 2 });

  const text = inWords(showText(await show(store, 'evt_1', T0), { ...look, width: undefined }));
  expect(text).toContain('email everyone registered: done (28 sent, 2 failed for good)');
  expect(text).not.toContain('p0@example.com');
});

test('what failed of them is one cause, and is retried together or one by one', async () => {
  const { store, parent } = await sent({ all: 60, dead: 40 });
  const causes = await failed(store, T0);
  expect(causes.causes).toMatchObject([{ state: 'dead', count: 40, code: 'smtp_550' }]);
  expect(failedText(causes, look).split('\n').length).toBeLessThan(15);

  const one = await retry(store, 'dl_child0', ANNA, T0);
  expect(one.retried.map(({ id }) => id)).toEqual(['dl_child0']);
  const all = await retry(store, parent, ANNA, T0);
  expect(all.retried.length + all.more).toBe(39);
  expect(inWords(retryText(all, look))).toContain('Due now: 39.');
});

test('in Slack, too, they are a few lines within what a message takes', async () => {
  const { store, parent } = await sent({ all: 100, dead: 30, waiting: 10 });
  const asked = { question: 'why evt_1' };
  const { text, blocks } = whyView(await whyOf(store, 'evt_1'), asked, LOOK);

  expect(text).toContain('61 of 101 deliveries done, 30 failed for good');
  const shown = JSON.stringify(blocks);
  expect(shown).toContain('✓ mail to everyone registered: done');
  expect(shown).toContain('→ 60 sent, 10 waiting, 30 failed for good');
  expect(shown).toContain(`/webkasa retry ${parent}`);
  expect(blocks.length).toBeLessThanOrEqual(50);
  for (const block of blocks) {
    if (block.type === 'section') expect(block.text?.text.length).toBeLessThanOrEqual(3_000);
  }
  const briefly = JSON.stringify(showView(await show(store, 'evt_1', T0), asked, LOOK).blocks);
  expect(briefly).toContain('mail to everyone registered: done (60 sent, 10 waiting, 30 failed for good)');
  expect(briefly).toContain('Retry what failed');
});

test('running it again is one thing to choose, never chosen beforehand, and says how many got it', async () => {
  const { world } = await sent({ all: 12, dead: 2 });
  const preview = await world.preview('evt_1');

  expect(preview.effects).toMatchObject([
    {
      to: 'everyone-registered',
      does: 'send',
      toAttendee: true,
      chosen: false,
      why: 'sent to 10 registered before, with another text',
    },
  ]);
  expect(inWords(previewText(preview, [], look))).toContain('send email everyone registered, rule changed');
  expect(JSON.stringify(rerunDialog(preview, 'm', LOOK))).toContain('Mail everyone registered (changed)');

  expect(inWords(previewText(preview, [], look))).toContain(
    'With --mail everyone registered gets the mail too: 10 people get the mail again.',
  );

  const [effect] = preview.effects;
  const outcome = await world.run('evt_1', [effect?.id ?? '']);
  expect(outcome.outcome).toBe('planned');
  const story = await world.store.story('evt_1');
  expect(story.webhooks[0]?.deliveries.map(({ status, destination }) => [destination, status])).toEqual([
    ['email:everyone-registered', 'done'],
    ['email:everyone-registered', 'pending'],
  ]);
  expect(story.webhooks[0]?.deliveries[0]?.children).toMatchObject({ done: 10, dead: 0, superseded: 2 });
});

test('it is not run again while mails of it wait', async () => {
  const { world } = await sent({ all: 5, waiting: 2 });
  expect((await world.preview('evt_1')).effects).toMatchObject([
    { does: 'skip', why: 'is under way: 2 of the mails wait' },
  ]);
});

test('a follow-up is told beside the mail it follows, and is waited for before it is run again', async () => {
  const { world, store, parent, followUp } = await sent({ all: 1, followed: true });
  const wait = failedWith('wait', 'facts_missing', 'the list is not whole', T0 + 9_000_000);
  await attempt(store, followUp, T0 + 3_600_000, wait);
  expect(inWords(whyText(await whyOf(store, 'evt_1'), look))).toMatch(
    /done .* → 1 sent .* email everyone registered: waits for another try .* the list is not whole/,
  );
  expect((await world.preview('evt_1')).effects).toMatchObject([
    { does: 'skip', why: 'waits for another try; retry brings it forward' },
  ]);
  const retried = await retry(store, parent, ANNA, T0 + 3_600_000);
  expect(retried).toMatchObject({ retried: [{ id: followUp }], more: 0 });

  const later = T0 + 7_200_000;
  const receipt = { summary: '1 registered', fingerprint: 'f' };
  await attempt(store, followUp, later, { status: 'done', receipt, planned: [mailTo(7)] });
  await attempt(store, 'dl_child7', later, { status: 'done', receipt: { summary: '250 OK' } });
  const { effects } = await world.preview('evt_1');
  expect(effects).toMatchObject([
    { does: 'send', why: 'sent to 2 registered before, with another text', gotBefore: 2 },
  ]);
});

test('where nobody was registered, that is what is said', async () => {
  const { world } = await sent({ all: 0 });
  expect((await world.preview('evt_1')).effects).toMatchObject([{ does: 'send', why: 'nobody was registered' }]);
});

test('a mail of its own to the same address is another matter than the one of hundreds', async () => {
  const to = ['everyone-registered', 'p0@example.com'];
  const rules = { changed: { on: ['event.updated'], actions: [{ email: { to, template: 'event-changed' } }] } };
  const { world, store } = await sent({ all: 2, dead: 1 }, rules);
  await world.perform();
  const { effects } = await world.preview('evt_1');
  expect(effects.map(({ to, does }) => [to, does])).toEqual([
    ['everyone-registered', 'send'],
    ['p0@example.com', 'send'],
  ]);

  await world.run('evt_1', [effects[1]?.id ?? '']);

  const [mail] = (await store.story('dl_child0')).webhooks[0]?.deliveries.filter(({ id }) => id === 'dl_child0') ?? [];
  expect(mail?.status).toBe('dead');
});
