import { describe, expect, test } from 'vitest';
import { ALERTS_CARD } from '../../../src/store/card-ports.ts';
import { aReceived } from '../../support/builders.ts';
import { eventually } from '../../support/eventually.ts';
import { aTrouble, STORES, startWorld } from './world.ts';

type World = Awaited<ReturnType<typeof startWorld>>;

/** Waits until so many more looks were made: what was to be told is told by then. */
const looked = async ({ looks }: World, count = 3): Promise<void> => {
  const from = looks();
  await eventually(() => expect(looks()).toBeGreaterThan(from + count));
};

const pausing = ({ store, now }: World) =>
  store.setPause('email', {
    since: now(),
    until: now() + 60_000,
    code: 'auth',
    message: 'The mail server refused the login of <script>: mend SMTP_URL.',
  });

describe.each(STORES)('alerts on %s', (_, openStore) => {
  test('a paused channel is told once in Slack and by mail, and once more when it works again', async () => {
    const world = await startWorld(openStore);
    const alerts = world.processNamed('one');
    await pausing(world);
    await eventually(async () => expect(await world.subjects()).toEqual(['[webkasa-bot] Mail is paused']));
    await looked(world);
    expect(world.posts()).toEqual([expect.stringContaining('Mail is paused')]);
    expect(JSON.stringify(world.slack.posts[0])).not.toContain('<script>');

    await world.store.setPause('email', undefined);
    world.pass(0.5);
    alerts.worked('email');
    await eventually(async () =>
      expect(await world.subjects()).toEqual(['[webkasa-bot] Mail is paused', '[webkasa-bot] Mail works again']),
    );
    await looked(world);
    expect(world.posts()).toHaveLength(2);
  });

  test('a restart, which forgets a pause until the next try, tells nothing anew', async () => {
    const world = await startWorld(openStore);
    const first = world.processNamed('one');
    await pausing(world);
    await eventually(() => expect(world.posts()).toHaveLength(1));
    await first[Symbol.asyncDispose]();

    await world.store.setPause('email', undefined);
    world.processNamed('two');
    await looked(world);
    await pausing(world);
    await looked(world);
    expect(world.posts()).toHaveLength(1);
    await world.store.setPause('email', undefined);
    await eventually(() => {
      world.pass(1);
      expect(world.posts()).toHaveLength(2);
    });
  });

  test('a pause that began while Slack was gone, and is not seen again after a restart, is told to Slack as over', async () => {
    const world = await startWorld(openStore);
    world.slack.behave({ as: 'status', status: 500 }, { times: 1 });
    const first = world.processNamed('one');
    await pausing(world);
    await eventually(async () => expect(await world.subjects()).toEqual(['[webkasa-bot] Mail is paused']));
    await first[Symbol.asyncDispose]();

    await world.store.setPause('email', undefined);
    const second = world.processNamed('two');
    await looked(world);
    expect(world.posts()).toEqual([]);
    world.pass(0.5);
    second.worked('email');
    await eventually(() => expect(world.posts()).toEqual(['✓ Mail works again']));
    expect(JSON.stringify(world.slack.posts[0])).toContain('lasted from');
  });

  test('a pause is told though each run of the bot ends before its second look, and once', async () => {
    const world = await startWorld(openStore);
    const pause = {
      kind: 'email',
      since: world.now(),
      until: world.now() + 60_000,
      code: 'auth',
      message: 'The mail server refused the login.',
    } as const;
    const started = (me: string) => world.processNamed(me, { left: [pause], every: 60_000 });
    const first = started('one');
    await looked(world, 0);
    await first[Symbol.asyncDispose]();
    expect(world.posts()).toEqual([]);

    const second = started('two');
    await eventually(() => expect(world.posts()).toEqual([expect.stringContaining('Mail is paused')]));
    await second[Symbol.asyncDispose]();
    const third = started('three');
    await looked(world, 0);
    await third[Symbol.asyncDispose]();
    expect(world.posts()).toHaveLength(1);
    expect(await world.subjects()).toEqual(['[webkasa-bot] Mail is paused']);
  });

  test('a pause of the run before that the start has mended is told as over alone', async () => {
    const world = await startWorld(openStore);
    const pause = { kind: 'email', since: world.now(), until: world.now(), code: 'auth', message: 'Refused.' } as const;
    const alerts = world.processNamed('one', { left: [pause] });
    await looked(world);
    world.pass(0.1);
    alerts.worked('email');
    await eventually(() => expect(world.posts()).toEqual(['✓ Mail works again']));
  });

  test('one of several processes tells', async () => {
    const world = await startWorld(openStore);
    for (const me of ['one', 'two', 'three']) world.processNamed(me);
    await pausing(world);
    await world.die('bk_1');
    await eventually(async () => expect(await world.subjects()).toHaveLength(2));
    await looked(world, 10);
    expect(world.posts()).toHaveLength(2);
    expect(await world.subjects()).toHaveLength(2);
  });

  test('what some processes see and others not is over when the last of them no longer sees it, or is gone', async () => {
    const world = await startWorld(openStore);
    const seenByOne = [aTrouble()];
    const seenByTwo = [aTrouble()];
    world.processNamed('one', { own: seenByOne });
    const two = world.processNamed('two', { own: seenByTwo });
    world.processNamed('three', { own: [] });
    await eventually(() => expect(world.posts()).toHaveLength(1));
    await looked(world, 9);
    seenByOne.pop();
    await looked(world, 9);
    expect(world.posts()).toHaveLength(1);
    await two[Symbol.asyncDispose]();
    world.pass(6);
    await eventually(() => expect(world.posts()).toHaveLength(2));
    expect(world.posts()[1]).toContain('in order again');
  });

  test('the first death is told at once with booking, cause and what to do; those of the next minutes together', async () => {
    const world = await startWorld(openStore);
    const alerts = world.processNamed('one');
    const id = await world.die('bk_1', 'There is no such mailbox: 550 5.1.1 unknown.');
    alerts.died();
    await eventually(async () => expect(await world.subjects()).toEqual(['[webkasa-bot] 1 delivery failed for good']));
    const [mail] = await world.smtp.parsed();
    for (const part of ['bk_1@example.com', 'no such mailbox', `retry ${id}`]) expect(mail?.text).toContain(part);
    expect(JSON.stringify(world.slack.posts[0])).toContain('webkasa_retry');

    for (let count = 2; count < 10; count += 1) await world.die(`bk_${count}`);
    await looked(world);
    expect(world.posts()).toHaveLength(1);
    world.pass(11);
    await eventually(() => expect(world.posts()).toHaveLength(2));
    expect(world.posts()[1]).toContain('8 deliveries failed for good');
    await looked(world);
    expect(world.posts()).toHaveLength(2);
  });

  test('deaths that were told are not told again after a restart; those that no process told are', async () => {
    const world = await startWorld(openStore);
    const first = world.processNamed('one');
    await world.die('bk_1');
    await eventually(() => expect(world.posts()).toHaveLength(1));
    await first[Symbol.asyncDispose]();
    world.pass(11);
    await world.die('bk_2');
    world.processNamed('two');
    await eventually(() => expect(world.posts()).toHaveLength(2));
    await looked(world);
    expect(world.posts()).toEqual([expect.stringContaining('bk_1'), expect.stringContaining('bk_2')]);
  });

  test('a death is told though hundreds of newer deliveries wait for another try', async () => {
    const world = await startWorld(openStore);
    const oldest = await world.plan('bk_oldest');
    for (let count = 0; count < 210; count += 1) {
      await world.end(await world.plan(`bk_${count}`), 'pending', 'The mail server is not reachable.');
    }
    await world.end(oldest, 'dead', 'The mail server was not reachable for three days.');
    world.processNamed('one');
    await eventually(() => expect(world.posts()).toEqual([expect.stringContaining('bk_oldest')]));
  });

  test('while Slack fails it is told by mail, and Slack hears of it when it works again', async () => {
    const world = await startWorld(openStore);
    world.slack.behave({ as: 'status', status: 500 }, { times: 3 });
    world.processNamed('one');
    await pausing(world);
    await eventually(async () => expect(await world.subjects()).toHaveLength(1));
    expect(world.posts()).toEqual([]);
    await eventually(() => {
      world.pass(1);
      expect(world.posts()).toEqual([expect.stringContaining('Mail is paused')]);
    });
    expect(await world.subjects()).toHaveLength(1);
    expect(world.slack.calls).toHaveLength(4);
  });

  test('what began and ended while a medium was gone is told as one, with since when it lasted', async () => {
    const world = await startWorld(openStore);
    await world.smtp.stop();
    const alerts = world.processNamed('one');
    await pausing(world);
    await eventually(() => expect(world.posts()).toHaveLength(1));
    await world.store.setPause('email', undefined);
    world.pass(0.5);
    alerts.worked('email');
    await eventually(() => expect(world.posts()).toHaveLength(2));
    await world.smtp.restart();
    await eventually(async () => {
      world.pass(1);
      expect(await world.subjects()).toEqual(['[webkasa-bot] Mail works again']);
    });
    const [mail] = await world.smtp.parsed();
    expect(mail?.text).toContain('2027-01-15');
  });

  test('work that has waited for long is told with why, and when the bot has caught up', async () => {
    const world = await startWorld(openStore);
    await world.store.accept(aReceived({ receivedAt: world.now() }));
    world.processNamed('one');
    await looked(world);
    expect(world.posts()).toEqual([]);
    world.pass(16);
    await eventually(() => expect(world.posts()).toEqual([expect.stringContaining('longer than 15 minutes')]));
    const [stored] = await world.store.unrouted(1);
    if (!stored) throw new Error('nothing waits');
    await world.store.saveRouting({
      seq: stored.seq,
      createdAt: world.now(),
      decidedAt: world.now(),
      decisions: [],
      deliveries: [],
      oddities: [],
      movedFrom: null,
      key: undefined,
      resource: undefined,
      expectedVersion: undefined,
    });
    await eventually(() => expect(world.posts()[1]).toContain('caught up'));
  });

  test('a burst of wrong signatures is told once, and when it stopped; a few are no news', async () => {
    const world = await startWorld(openStore);
    const refuse = (count: number) =>
      world.store.recordRejections(
        Array.from({ length: count }, () => ({
          at: world.now(),
          reason: 'signature_wrong',
          remote: '203.0.113.9',
          bytes: 10,
          userAgent: 'x',
        })),
      );
    world.processNamed('one');
    await looked(world);
    await refuse(19);
    await looked(world);
    expect(world.posts()).toEqual([]);
    await refuse(10);
    await eventually(() => expect(world.posts()).toEqual([expect.stringContaining('signature')]));
    world.pass(9);
    await refuse(1);
    world.pass(9);
    await looked(world);
    expect(world.posts()).toHaveLength(1);
    world.pass(2);
    await eventually(() => expect(world.posts()).toHaveLength(2));
  });

  test('a store that takes nothing is told all the same, once, and when it works again', async () => {
    const world = await startWorld(openStore);
    let broken = false;
    const failing = {
      ...world.store,
      saveCard: (...args: Parameters<typeof world.store.saveCard>) =>
        broken ? Promise.reject(new Error('database or disk is full')) : world.store.saveCard(...args),
    };
    world.processNamed('one', { store: failing });
    await looked(world);
    broken = true;
    world.pass(2);
    await looked(world);
    expect(world.posts()).toEqual([]);
    await eventually(() => {
      world.pass(1);
      expect(world.posts()).toEqual([expect.stringContaining('The store takes nothing')]);
    });
    await looked(world);
    broken = false;
    await eventually(() => expect(world.posts()).toHaveLength(2));
    await eventually(async () =>
      expect(await world.subjects()).toEqual([
        '[webkasa-bot] The store takes nothing',
        '[webkasa-bot] The store works again',
      ]),
    );
  });

  test('while the store can be read and not written, what begins and what dies is told once', async () => {
    const world = await startWorld(openStore);
    let broken = true;
    const failing = {
      ...world.store,
      saveCard: (...args: Parameters<typeof world.store.saveCard>) =>
        broken ? Promise.reject(new Error('database or disk is full')) : world.store.saveCard(...args),
    };
    await world.plan('bk_waits');
    world.pass(16);
    await world.die('bk_1');
    const told = () => world.posts().filter((text) => /longer than 15 minutes|bk_1/.test(text));
    const first = world.processNamed('one', { store: failing });
    await eventually(() => expect(told()).toHaveLength(2));
    await looked(world, 6);
    expect(told()).toHaveLength(2);

    broken = false;
    await eventually(async () => expect(await world.store.getCard(ALERTS_CARD)).toBeDefined());
    await first[Symbol.asyncDispose]();
    world.processNamed('two');
    await looked(world);
    expect(told()).toHaveLength(2);
  });

  test('an alert that nobody takes is no alert of its own, and puts no data into the log', async () => {
    const world = await startWorld(openStore);
    world.slack.changeChannel('C0BOOKINGS', { archived: true });
    world.smtp.setBehaviour({ recipient: { code: 550, text: 'office@example.com is unknown' } });
    world.processNamed('one');
    await world.die('bk_1', 'marked-cause');
    await eventually(() => {
      world.pass(1);
      expect(world.slack.calls.length).toBeGreaterThan(2);
    });
    expect((await world.store.status()).deliveries).toMatchObject({ pending: 0, dead: 1 });
    const told = world.lines.join('');
    for (const data of ['marked-cause', 'office@example.com', 'bk_1@example.com']) expect(told).not.toContain(data);
  });
});
