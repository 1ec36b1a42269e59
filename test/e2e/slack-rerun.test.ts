import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { BUTTONS, RERUN_DIALOG } from '../../src/template/slack-buttons.ts';
import { aWebhook } from '../support/builders.ts';
import { BEN } from '../support/slack-app.ts';
import type { Interaction, SeenDialog } from '../support/slack-app-types.ts';
import { ANNA_ALONE, buttonsOn, cardsIn, read, startWorld, wordsOf } from './slack-world.ts';

const aBooking = (n: number) =>
  aWebhook({
    id: `wh_evt_${n}`,
    data: {
      id: `bk_${n}`,
      attendee_name: 'John Doe',
      attendee_email: 'john@example.com',
      // The bot's clock is the real one, and nobody is told of what has begun.
      start_time: '2099-02-15T10:00:00Z',
      end_time: '2099-02-15T11:00:00Z',
    },
  });

const isFilled = ({ view }: SeenDialog): boolean => !/Looking at/.test(wordsOf(view));

/** Every choice of a dialog, by what stands beside its box; Slack sends those that are ticked at first unless told. */
const optionsOf = (dialog: SeenDialog) => {
  const blocks = dialog.view.blocks as readonly {
    readonly block_id?: string;
    readonly element?: {
      readonly options?: readonly { readonly text: { readonly text: string }; readonly value: string }[];
      readonly initial_options?: readonly { readonly value: string }[];
    };
  }[];
  return blocks.flatMap(({ block_id = '', element }) =>
    (element?.options ?? []).map(({ text, value }) => ({
      block: block_id,
      text: text.text,
      value,
      ticked: element?.initial_options?.some((option) => option.value === value) ?? false,
    })),
  );
};

/** The dialog's state where these boxes are ticked and no others. */
const ticking = (dialog: SeenDialog, matches: (text: string) => boolean) => {
  const options = optionsOf(dialog);
  return Object.fromEntries(
    options.map(({ block }) => [
      block,
      {
        [RERUN_DIALOG.action]: {
          type: 'checkboxes',
          selected_options: options
            .filter((option) => option.block === block && matches(option.text))
            .map(({ text, value }) => ({ text: { type: 'plain_text', text }, value })),
        },
      },
    ]),
  );
};

/** The answers to a dialog that a command opened: they come where the command was typed. */
const answersTo = async (asked: Interaction, count: number): Promise<string[]> => {
  await vi.waitFor(() => expect(asked.messages()).toHaveLength(count), { timeout: 10_000 });
  return asked.messages().map(read);
};

describe('rerun', () => {
  test('with everything done it sends nothing; with the mail ticked it sends exactly one, however often it is submitted', async () => {
    const { slack, smtp, send, settled, store } = await startWorld({ env: ANNA_ALONE });
    await send(aBooking(1));
    await settled();
    await smtp.received(1);
    const posts = slack.api.posts.length;
    const before = await store.deliveries({ limit: 100, offset: 0 });

    const asked = await slack.command('rerun bk_1');
    expect(asked.acked).toMatchObject({ status: 200, body: undefined });
    const dialog = await asked.dialog(isFilled);
    expect(optionsOf(dialog).filter(({ ticked }) => ticked)).toEqual([]);
    expect(optionsOf(dialog)).toMatchObject([{ text: expect.stringMatching(/attendee/i) }]);

    const nothing = await slack.submit(
      dialog,
      ticking(dialog, () => false),
    );
    expect(nothing.acked).toMatchObject({ status: 200, body: undefined });
    expect(await answersTo(asked, 1)).toEqual([expect.stringContaining('Nothing of')]);
    await settled();
    expect(await store.deliveries({ limit: 100, offset: 0 })).toEqual(before);

    const second = await slack.command('rerun bk_1');
    const again = await second.dialog(isFilled);
    const mail = ticking(again, (text) => /attendee/i.test(text));
    await Promise.all([slack.submit(again, mail), slack.submit(again, mail)]);
    const told = await answersTo(second, 2);
    expect(told.filter((text) => /runs? again now/.test(text))).toHaveLength(1);
    expect(told.filter((text) => /very click already/.test(text))).toHaveLength(1);
    await smtp.received(2);
    await settled();
    expect(smtp.messages).toHaveLength(2);
    expect(slack.api.posts).toHaveLength(posts);
    const why = read(await slack.ask('why bk_1'));
    expect(why).toMatch(/<@U0ANNA>|anna/);
  }, 20_000);

  test('a mail that was ticked before something newer went out is not sent, and can be looked at anew', async () => {
    const { slack, smtp, send, settled } = await startWorld();
    const at = (minutes: number, type: string) => ({
      ...aBooking(1),
      id: `wh_evt_${minutes}`,
      type,
      created_at: new Date(Date.UTC(2027, 0, 15, 10, minutes)).toISOString(),
    });
    await send(at(1, 'booking.created'));
    await settled();
    await smtp.received(1);
    const asked = await slack.command('rerun bk_1');
    const dialog = await asked.dialog(isFilled);
    await send(at(2, 'booking.confirmed'));
    await settled();
    await smtp.received(2);

    await slack.submit(
      dialog,
      ticking(dialog, (text) => /attendee/i.test(text)),
    );
    expect(await answersTo(asked, 1)).toEqual([
      expect.stringMatching(/1 action changed since the dialog was opened: nothing was done about it/),
    ]);
    await settled();
    expect(smtp.messages).toHaveLength(2);
    const [answer] = asked.messages();
    if (!answer) throw new Error('there is no answer');
    const anew = await (await slack.click(answer, BUTTONS.rerun)).dialog(isFilled);
    expect(wordsOf(anew.view)).toMatch(/newer one since/);
  }, 20_000);

  test('what the rules say today is done, and the outcome reaches who asked for it', async () => {
    const { slack, smtp, send, settled, dataDir, logged } = await startWorld({ rules: 'rules: []' });
    await send(aBooking(1));
    await settled();
    await writeFile(
      join(dataDir, 'rules.yaml'),
      `rules:
  - id: new-rule
    on: ["booking.*"]
    actions:
      - sheet: { file: log.csv, columns: { Id: "{{ data.id }}" } }
      - email: { to: "{{ data.attendee_email }}", template: booking-created }
`,
    );
    await vi.waitFor(async () => expect(read(await slack.ask('rules'))).toContain('new-rule'), { timeout: 10_000 });
    const asked = await slack.command('rerun wh_evt_1');
    const dialog = await asked.dialog(isFilled);
    const options = optionsOf(dialog);
    expect(options.filter(({ ticked }) => ticked)).toMatchObject([{ text: expect.stringContaining('log.csv') }]);
    expect(options).toHaveLength(2);
    await slack.submit(
      dialog,
      ticking(dialog, (text) => text.includes('log.csv')),
    );
    expect(await answersTo(asked, 1)).toEqual([expect.stringMatching(/1 action[\s\S]*log\.csv/)]);
    expect(asked.messages()).toMatchObject([{ onlyFor: 'U0ANNA', channel: 'C0BOOKINGS' }]);
    await settled();
    expect(smtp.messages).toEqual([]);
    expect(logged.join('')).not.toMatch(/john/i);
  }, 20_000);

  test('who is no operator sees who is, in the dialog, and nothing happens', async () => {
    const { slack, send, settled, store } = await startWorld({ env: ANNA_ALONE });
    await send(aBooking(1));
    await settled();
    const asked = await slack.command('rerun bk_1', { user: BEN });
    const dialog = await asked.dialog(({ view }) => /can/.test(wordsOf(view)) && !/Looking/.test(wordsOf(view)));
    expect(wordsOf(dialog.view)).toContain('<@U0ANNA>');
    expect(dialog.view.submit).toBeUndefined();

    // Somebody who was shown the choice and is no operator any more.
    const second = await slack.command('rerun bk_1');
    const shown = await second.dialog(isFilled);
    await slack.submit(
      shown,
      ticking(shown, () => true),
      { user: BEN },
    );
    expect(await answersTo(second, 1)).toEqual([expect.stringContaining('<@U0ANNA>')]);
    expect(await store.acts({ limit: 10, offset: 0 })).toEqual([]);
  });

  test('a dialog that was closed while it was looked for is told, and so is one that came too late', async () => {
    const { slack, send, settled } = await startWorld();
    await send(aBooking(1));
    await settled();
    slack.api.behave({ as: 'error', error: 'not_found' }, { method: 'views.update' });
    const closed = await slack.command('rerun bk_1');
    expect(read(await closed.message())).toMatch(/bk_1[\s\S]*closed before/);
    slack.api.behave({ as: 'error', error: 'expired_trigger_id' }, { method: 'views.open' });
    const late = await (await slack.command('rerun bk_1')).message();
    expect(read(late)).toMatch(/bk_1[\s\S]*three seconds/);
    expect(read(late)).not.toMatch(/did you mean/i);
    // A click may open a dialog again.
    const dialog = await (await slack.click(late, BUTTONS.rerun)).dialog(isFilled);
    expect(optionsOf(dialog)).toHaveLength(1);
  });

  test.each([
    ['missing_scope', /lacks a permission[\s\S]*slack-manifest/],
    ['token_revoked', /token[\s\S]*SLACK_BOT_TOKEN/],
    ['internal_error', /try again in a moment/],
    ['user_not_found', /refused the dialog \(user_not_found\)[\s\S]*npm run cli -- rerun/],
  ])('where Slack refuses the dialog with %s, the answer says who can do what', async (error, words) => {
    const { slack, send, settled } = await startWorld({ rules: 'rules: []' });
    await send(aBooking(1));
    await settled();
    slack.api.behave({ as: 'error', error }, { method: 'views.open' });
    const answer = await (await slack.command('rerun bk_1')).message();
    expect(read(answer)).toMatch(words);
    expect(buttonsOn(answer.blocks)).toEqual([BUTTONS.rerun]);
  });

  test('the dialog opens before anything is looked up', async () => {
    const { slack, send, settled } = await startWorld({ env: { SLACK_OPERATORS: 'S0TEAM' } });
    await send(aBooking(1));
    await settled();
    slack.api.behave({ as: 'hang' }, { method: 'usergroups.users.list' });
    const dialog = await (await slack.command('rerun bk_1')).dialog();
    expect(wordsOf(dialog.view)).toMatch(/Looking at/);
    expect(dialog.view.submit).toBeUndefined();
  });

  test('a submission is acknowledged at once while the store is busy, and done when it is free', async () => {
    const { slack, smtp, send, settled, lock } = await startWorld();
    await send(aBooking(1));
    await settled();
    const asked = await slack.command('rerun bk_1');
    const dialog = await asked.dialog(isFilled);
    const unlock = lock();
    const { acked } = await slack.submit(
      dialog,
      ticking(dialog, (text) => /attendee/i.test(text)),
    );
    expect(acked).toMatchObject({ status: 200, body: undefined });
    expect(acked.milliseconds).toBeLessThan(2_500);
    expect(asked.messages()).toEqual([]);
    unlock();
    expect(await answersTo(asked, 1)).toEqual([expect.stringMatching(/runs? again now/)]);
    await smtp.received(2);
  });

  test('an id that nobody knows is told in the dialog', async () => {
    const { slack } = await startWorld({ rules: 'rules: []' });
    const dialog = await (await slack.command('rerun bk_none')).dialog(isFilled);
    expect(wordsOf(dialog.view)).toContain('bk_none');
    expect(dialog.view.submit).toBeUndefined();
  });

  test('a button on a card opens it too', async () => {
    const { slack, send, settled } = await startWorld();
    await send(aBooking(1));
    await settled();
    const [card] = cardsIn(slack, 'C0BOOKINGS');
    if (!card) throw new Error('there is no card');
    expect(buttonsOn(card.blocks)).toContain(BUTTONS.rerun);
    const dialog = await (await slack.click(card, BUTTONS.rerun)).dialog(isFilled);
    expect(optionsOf(dialog)).toHaveLength(1);
  });
});
