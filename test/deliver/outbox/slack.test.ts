import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import type { Channel } from '../../../src/deliver/channel.ts';
import { createSlackOutbox } from '../../../src/deliver/outbox/slack.ts';
import { viewOf } from '../../../src/template/view.ts';
import { aWebhook } from '../../support/builders.ts';
import { aSlackDelivery, unhurried } from '../../support/slack-delivery.ts';
import { tempFolder } from '../../support/temp.ts';

const outboxIn = (folder: string): Channel =>
  createSlackOutbox({
    folder,
    templates: () => new Map(),
    view: (delivery) => viewOf(delivery.webhook, delivery, { timezone: 'UTC', locale: 'en-US', public_url: '' }),
  });

test('a post becomes a file of what Slack would have been sent', async () => {
  const folder = join(await tempFolder(), 'outbox', 'slack');
  const delivery = aSlackDelivery({ id: 'dl_1', webhook: aWebhook({ created_at: '2027-01-15T10:30:00Z' }) });
  const outbox = outboxIn(folder);
  const receipt = await outbox.perform(delivery, unhurried());
  const file = join(folder, '20270115T103000Z-dl_1.json');
  expect(receipt).toEqual({
    summary: `written to ${file}`,
    detail: { file },
    fingerprint: outbox.fingerprint(delivery),
  });
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
    channel: '#bookings',
    text: 'Hello',
    metadata: { event_type: 'webkasa_delivery', event_payload: { delivery_id: 'dl_1' } },
    unfurl_links: false,
    unfurl_media: false,
    link_names: false,
  });
});

test('a repeat replaces the file, and nothing else is left in the folder', async () => {
  const folder = await tempFolder();
  const outbox = outboxIn(folder);
  const delivery = aSlackDelivery();
  await Promise.all([
    outbox.perform(delivery, unhurried()),
    outbox.perform({ ...delivery, attempt: 9999 }, unhurried()),
  ]);
  expect(await readdir(folder)).toHaveLength(1);
});

test('files sort by when their webhook happened', async () => {
  const folder = await tempFolder();
  const outbox = outboxIn(folder);
  const at = (id: string, created_at: string) => aSlackDelivery({ id, webhook: aWebhook({ created_at }) });
  await outbox.perform(at('dl_a', '2027-01-15T10:30:01Z'), unhurried());
  await outbox.perform(at('dl_b', '2027-01-15T10:30:00Z'), unhurried());
  expect((await readdir(folder)).sort().map((name) => name.slice(-9, -5))).toEqual(['dl_b', 'dl_a']);
});

test('a folder that went away is made again', async () => {
  const folder = join(await tempFolder(), 'slack');
  const outbox = outboxIn(folder);
  await outbox.perform(aSlackDelivery(), unhurried());
  await rm(folder, { recursive: true });
  await outbox.perform(aSlackDelivery(), unhurried());
  expect(await readdir(folder)).toHaveLength(1);
});

test('a folder that cannot be written pauses Slack, and says how to go on', async () => {
  const folder = join(await tempFolder(), 'file');
  await writeFile(folder, '');
  await expect(outboxIn(folder).perform(aSlackDelivery(), unhurried())).rejects.toMatchObject({
    code: 'outbox_unwritable',
    verdict: 'channel',
    message: expect.stringContaining('SLACK_BOT_TOKEN'),
  });
});

test('what would update a card or go to a thread names the file of the first', async () => {
  const folder = await tempFolder();
  const outbox = outboxIn(folder);
  const written = async (as: 'card' | 'thread', type: string, data: object) => {
    const webhook = aWebhook({ type, data });
    const { detail } = await outbox.perform(aSlackDelivery({ webhook, slack: { as } }), unhurried());
    const file = String(detail?.file);
    return { name: basename(file), said: JSON.parse(await readFile(file, 'utf8')) };
  };
  const card = await written('card', 'booking.created', { id: 'bk_1' });
  expect(card.said).not.toHaveProperty('updates');
  expect((await written('card', 'booking.confirmed', { id: 'bk_1' })).said.updates).toBe(card.name);
  expect((await written('card', 'booking.created', { id: 'bk_2' })).said).not.toHaveProperty('updates');

  const [event, registration] = await Promise.all([
    written('card', 'event.created', { id: 'evt_1' }),
    written('card', 'registration.created', { event_id: 'evt_1' }),
  ]);
  expect(registration?.said.thread).toBe(event?.name);
  const first = await written('thread', 'booking.created', { id: 'bk_1' });
  expect((await written('thread', 'booking.cancelled', { id: 'bk_1' })).said.thread).toBe(first.name);
});
