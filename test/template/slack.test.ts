import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Webhook } from '../../src/core/webhook.ts';
import { SAMPLES } from '../../src/samples/index.ts';
import type { RenderedSlack, SlackTemplate } from '../../src/template/library.ts';
import { loadSlackTemplates, renderSlackText } from '../../src/template/slack.ts';
import { viewOf } from '../../src/template/view.ts';
import { hostileText, hostileValue } from '../support/hostile.ts';
import { blockProblems, blocksTooLong } from '../support/slack-api-blocks.ts';

const SETTINGS = { timezone: 'Europe/Warsaw', locale: 'en-US', public_url: 'http://localhost:3000' };
const EVENT = SAMPLES['event.created'].data as Record<string, unknown>;

let templates: ReadonlyMap<string, SlackTemplate>;
beforeAll(async () => {
  const loaded = await loadSlackTemplates(fileURLToPath(new URL('../../templates/slack', import.meta.url)));
  expect(loaded.problems).toEqual([]);
  templates = loaded.templates;
});

const render = (
  template: string,
  webhook: Webhook,
  known: { movedFrom?: string; event?: Readonly<Record<string, unknown>> } = {},
): RenderedSlack => {
  const found = templates.get(template);
  if (!found) throw new Error(`no template ${template}`);
  return found.render(viewOf(webhook, { movedFrom: null, event: null, ...known }, SETTINGS));
};

const samples = Object.values(SAMPLES).map((webhook) => [webhook.type, webhook] as const);
const templateFor = (type: string): string => type.split('.')[0] ?? '';
const allText = ({ text, blocks }: RenderedSlack): string => `${text}\n${JSON.stringify(blocks)}`;

describe('the templates that come with the bot', () => {
  test.each(samples)('%s says what happened, to whom, when, and which', (type, webhook) => {
    const data = webhook.data as Record<string, unknown>;
    const message = render(templateFor(type), webhook, { event: EVENT });
    expect(blockProblems(message.blocks)).toEqual([]);
    expect(message.text).toContain(String(data.attendee_name ?? data.title));
    expect(message.text).toContain('Monday, February 15, 2027');
    const said = allText(message);
    expect(said).toContain(type.startsWith('booking.') ? '<!date^1802685600^' : '<!date^1802746800^');
    expect(said).toContain(String(data.id));
    expect(said).toContain(String(data.status));
  });

  test.each([
    ['booking.created', '⏳ New booking, waiting for approval: John Doe'],
    ['booking.confirmed', '✅ Booking confirmed: John Doe'],
    ['booking.cancelled', '❌ Booking cancelled: John Doe'],
    ['booking.completed', '🏁 Booking completed: John Doe'],
    ['event.created', '📅 New event: Monthly Meditation'],
    ['event.updated', '✏️ Event changed: Monthly Meditation'],
    ['event.cancelled', '❌ Event cancelled: Monthly Meditation'],
    ['registration.created', '✅ New registration: John Doe, Monthly Meditation'],
    ['registration.cancelled', '❌ Registration cancelled: John Doe, Monthly Meditation'],
  ] as const)('the notification of %s begins "%s"', (type, start) => {
    expect(render(templateFor(type), SAMPLES[type], { event: EVENT }).text).toMatch(new RegExp(`^${start}`));
  });

  test('a moved booking shows its old time, struck out, beside the new one', () => {
    const message = render('booking', SAMPLES['booking.confirmed'], { movedFrom: '2027-02-12T08:00:00.000Z' });
    expect(message.text).toMatch(/^🔁 Booking moved: John Doe, Monday, February 15/);
    expect(allText(message)).toContain('~Friday, February 12, 2027, 9:00 AM (GMT+1, Europe/Warsaw)~');
    expect(allText(message)).toContain('11:00 AM – 12:00 PM (GMT+1, Europe/Warsaw)');
  });

  test('the time is also given in the zone of whoever reads it, with words for clients that can not', () => {
    expect(allText(render('booking', SAMPLES['booking.created']))).toContain(
      'Your time: <!date^1802685600^{date_long_pretty} at {time}|Monday, February 15, 2027, 11:00 AM – 12:00 PM (GMT+1, Europe/Warsaw)>',
    );
  });

  test('a date without a time is written in words', () => {
    const event = { id: 'evt_1', title: 'Fair', start_date: '2027-05-01' };
    const said = allText(render('event', { id: 'w', type: 'event.created', data: event }));
    expect(said).toContain('Saturday, May 1, 2027');
    expect(said).not.toContain('<!date');
  });

  test('a type nobody documented still tells its type and id', () => {
    const message = render('webhook', { id: 'wh_1', type: 'schedule.paused', data: { id: 'sch_1', status: 'off' } });
    expect(message.text).toBe('🔔 schedule.paused');
    expect(allText(message)).toContain('sch_1');
  });

  test('with no data at all there is still a message', () => {
    for (const template of templates.keys()) {
      const message = render(template, { id: 'wh_1', type: 'booking.created' });
      expect(message.text).not.toBe('');
      expect(blockProblems(message.blocks)).toEqual([]);
    }
  });
});

const DATE_TOKEN = /<!date\^-?\d+\^\{date_long_pretty\} at \{time\}\|[^<>|]+>/g;

describe('whatever an attendee types', () => {
  test('the blocks are valid and hold no token but our own', () => {
    const fields = fc.record({
      attendee_name: hostileValue,
      attendee_email: hostileValue,
      attendee_phone: hostileValue,
      title: hostileValue,
      location: hostileValue,
      notes: hostileValue,
      status: hostileValue,
      id: hostileValue,
      guest_count: hostileValue,
      timezone: hostileValue,
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...samples),
        fields,
        fc.boolean(),
        hostileText,
        ([type, webhook], data, moved, other) => {
          const changed = {
            ...webhook,
            type: moved ? type : `${type}${other}`,
            data: { ...Object(webhook.data), ...data },
          };
          for (const template of [templateFor(type), 'webhook']) {
            const known = { event: { ...EVENT, ...data }, ...(moved && { movedFrom: '2027-02-12T08:00:00.000Z' }) };
            const message = render(template, changed, known);
            expect(blockProblems(message.blocks)).toEqual([]);
            expect(blocksTooLong(message.blocks)).toBe(false);
            expect(message.text.trim()).not.toBe('');
            expect(message.text.length).toBeLessThanOrEqual(4000);
            expect(allText(message).replace(DATE_TOKEN, '')).not.toMatch(/[<>]/);
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  test('a status message can not be faked in a name', () => {
    const data = { ...Object(SAMPLES['booking.created'].data), attendee_name: 'Eve\n*✅ Booking confirmed*' };
    const said = allText(render('booking', { ...SAMPLES['booking.created'], data }));
    expect(said).toContain('Eve ∗✅ Booking confirmed∗');
  });
});

describe('a text of a rule', () => {
  test('becomes a message without blocks', () => {
    expect(renderSlackText(' Hello \n')).toEqual({ text: 'Hello', blocks: [] });
  });

  test('is cut to what Slack shows', () => {
    expect(renderSlackText('x'.repeat(9000)).text).toHaveLength(4000);
  });

  test('is never empty', () => {
    expect(renderSlackText(' \n ').text).not.toBe('');
  });
});
