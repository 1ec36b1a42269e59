import { expect, test } from 'vitest';
import { mailMedium } from '../../../src/watch/alert/mail-medium.ts';
import { keptLog } from '../../support/receiver.ts';
import { aTrouble } from './world.ts';

test('an alert is kept for later where not even the connection to the mail server can be made', async () => {
  const { log, lines } = keptLog();
  const medium = mailMedium({
    settings: {
      from: { name: '', address: 'bookings@example.com' },
      to: [{ name: '', address: 'office@example.com' }],
      publicUrl: 'https://bot.example.com',
      time: String,
    },
    open: () => {
      throw new Error('no thread is left');
    },
    log,
  });
  expect(await medium.tell({ as: 'begun', trouble: aTrouble() })).toBe(false);
  expect(lines.join('')).toContain('an alert could not be mailed');
});
