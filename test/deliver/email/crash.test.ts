import { expect, test } from 'vitest';
import type { ClaimedDelivery } from '../../../src/core/delivery.ts';
import type { MailTransport } from '../../../src/deliver/email/transport.ts';
import type { MailStore } from '../../../src/store/ports.ts';
import { mortalCalls } from '../../support/mortal-store.ts';
import { Died } from '../../support/slack-told.ts';
import { tempStore } from '../../support/temp.ts';
import { aCalendar, inviteIn } from './calendar.ts';
import { channelTo, delivery, NOW, tools } from './channel.ts';
import { connect, failureOf, serve } from './mails.ts';

const LIFE = [
  ['booking.created', 'PENDING', 15],
  ['booking.confirmed', 'CONFIRMED', 15],
  ['booking.confirmed', 'CONFIRMED', 16],
  ['booking.confirmed', 'CONFIRMED', 17],
  ['booking.cancelled', 'CANCELLED', 17],
] as const;

/** The mails about a booking, in the order in which its deliveries are performed. */
const mailsOf = (id: string): ClaimedDelivery[] =>
  LIFE.map(([type, status, day], step) => {
    const data = {
      id,
      status,
      start_time: `2027-02-${day}T10:00:00Z`,
      end_time: `2027-02-${day}T11:00:00Z`,
      attendee_name: 'John',
    };
    return delivery(
      { invite: true },
      { id: `dl_${id}_${step}`, version: (NOW + step * 60_000) * 10, webhook: { id: `wh_${id}_${step}`, type, data } },
    );
  });

/** A process with a channel to the server that dies at its `deadAt`th call of the store. */
const aProcess = async (store: MailStore, transport: MailTransport, deadAt: number, when: 'before' | 'after') => {
  const { watched, died, calls } = mortalCalls(deadAt, when);
  const mortal: MailStore = {
    ...store,
    getThread: watched((key) => store.getThread(key)),
    saveThread: watched((key, thread) => store.saveThread(key, thread)),
    getInvite: watched((uid) => store.getInvite(uid)),
    saveInvite: watched((uid, invite) => store.saveInvite(uid, invite)),
    refusedAddress: watched((address) => store.refusedAddress(address)),
  };
  return { channel: await channelTo('smtp://127.0.0.1:9', { store: mortal, transport }), died, calls };
};

const again = (planned: ClaimedDelivery): ClaimedDelivery => ({
  ...planned,
  unclear: { startedAt: NOW, endedAt: NOW, note: null },
});

test('wherever the process ends, calendars follow the booking and its mails stay one conversation', async () => {
  const server = await serve();
  const store = await tempStore();
  const transport = connect(server.url);
  /** The number of calls of the store in a whole life, from a run without a crash. */
  const whole = await aProcess(store, transport, Number.POSITIVE_INFINITY, 'before');
  for (const planned of mailsOf('bk_whole')) await whole.channel.perform(planned, tools);
  const calls = whole.calls();
  expect(calls).toBeGreaterThanOrEqual(LIFE.length * 5);

  const live = async (id: string, deadAt: number, when: 'before' | 'after'): Promise<void> => {
    const first = await aProcess(store, transport, deadAt, when);
    const next = await aProcess(store, transport, Number.POSITIVE_INFINITY, when);
    let alive = true;
    for (const planned of mailsOf(id)) {
      try {
        if (alive) await Promise.race([first.channel.perform(planned, tools), first.died]);
        else await next.channel.perform(planned, tools);
      } catch (error) {
        if (!(error instanceof Died)) throw error;
        alive = false;
        await next.channel.perform(again(planned), tools);
      }
    }
    expect(alive).toBe(false);
  };
  const ends = Array.from({ length: calls }, (_, index) => index + 1).flatMap((deadAt) =>
    (['before', 'after'] as const).map((when) => ({ id: `bk_${deadAt}_${when}`, deadAt, when })),
  );
  await Promise.all(ends.map(({ id, deadAt, when }) => live(id, deadAt, when)));

  const mails = await server.parsed();
  for (const id of ['bk_whole', ...ends.map((end) => end.id)]) {
    const own = mails.filter(({ messageId }) => messageId?.startsWith(`<dl_${id}_`));
    const calendar = aCalendar();
    const became = own.map((mail) => calendar.receive(inviteIn(mail) ?? ''));
    // A mail is sent again where the server had accepted it before the process died.
    expect(became.filter((what) => what !== 'repeated')).toEqual([
      'put in',
      'changed',
      'changed',
      'changed',
      'taken out',
    ]);
    expect(own.length).toBeLessThanOrEqual(LIFE.length + 1);
    expect(calendar.shown(`${id}@webkasa-bot`)).toBeNull();
    for (const [index, { messageId, inReplyTo, references }] of own.entries()) {
      const before = own.slice(0, index).map((mail) => mail.messageId);
      const others = before.filter((other) => other !== messageId);
      // One that is sent again after the conversation was stored joins its beginning.
      expect(before.includes(messageId) ? [others[0], others.at(-1)] : [others.at(-1)]).toContain(inReplyTo);
      expect([references ?? []].flat()).toEqual([...new Set([others[0], inReplyTo])].filter(Boolean));
    }
  }
});

test('a mail of which nobody knows whether it arrived says the same again, to the byte of its invite', async () => {
  const server = await serve();
  const channel = await channelTo(server.url);
  for (const planned of mailsOf('bk_1')) {
    server.setBehaviour({ data: 'drop' });
    expect(await failureOf(channel.perform(planned, tools))).toMatchObject({ unclear: true });
    server.setBehaviour({});
    await channel.perform(again(planned), tools);
  }
  const calendar = aCalendar();
  const became = (await server.parsed()).map((mail) => calendar.receive(inviteIn(mail) ?? ''));
  expect(became).toEqual(
    ['put in', 'changed', 'changed', 'changed', 'taken out'].flatMap((what) => [what, 'repeated']),
  );
});
