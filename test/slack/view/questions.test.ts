import { describe, expect, test } from 'vitest';
import { agendaView } from '../../../src/slack/view/agenda.ts';
import { askValue, readAsk } from '../../../src/slack/view/asked.ts';
import { postedCopy } from '../../../src/slack/view/posted.ts';
import { searchView } from '../../../src/slack/view/search.ts';
import { showView } from '../../../src/slack/view/show.ts';
import { togetherView } from '../../../src/slack/view/together.ts';
import { BUTTONS } from '../../../src/template/slack-buttons.ts';
import { buttonIn, buttonsIn, shownIn } from './reading.ts';
import { anAgenda, aSearch, aShow, aSummary, LOOK } from './samples.ts';

const question = 'search john status:confirmed';
const johns = (number: number, length = 10) =>
  Array.from({ length: number }, (_, index) => aSummary({ id: `bk_${index}`, name: `John ${'x'.repeat(length)}` }));

describe('a search', () => {
  const answer = searchView(aSearch(), { question }, LOOK);

  test('repeats what was understood, and tells a notification who was found', () => {
    expect(shownIn(answer)).toContain('Results for `john status:confirmed`');
    expect(answer.text).toContain('John Doe, booking bk_xyz789, confirmed');
  });

  test("shows a start in the reader's zone, and beside it in the booking's own", () => {
    expect(shownIn(answer)).toContain(
      '<!date^1802685600^{date_short_pretty} at {time}|Monday, February 15, 2027, 5:00 AM (EST, America/New_York)> (Mon 5:00 AM EST, America/New_York)',
    );
  });

  test('strikes out what is cancelled, and says so in words too', () => {
    const cancelled = searchView(aSearch({ resources: [aSummary({ status: 'CANCELLED' })] }), { question }, LOOK);
    expect(shownIn(cancelled)).toContain('~*John Doe*~');
    expect(shownIn(cancelled)).toContain('*cancelled*');
  });

  test('goes on where it ended, and back', () => {
    expect(buttonIn(answer, 'More')).toMatchObject({ action: BUTTONS.ask, value: `@5 ${question}` });
    const next = searchView(aSearch({ offset: 10, more: false }), { question, offset: 10 }, LOOK);
    expect(buttonIn(next, 'Back')).toMatchObject({ action: BUTTONS.ask, value: question });
    expect(buttonIn(next, 'More')).toBeUndefined();
  });

  test('goes on at the first that did not fit into the message', () => {
    const long = searchView(aSearch({ resources: johns(60, 500), limit: 60, more: false }), { question }, LOOK);
    const shown = buttonsIn(long.blocks).filter(({ label }) => label === 'Show').length;
    expect(shown).toBeGreaterThan(5);
    expect(shown).toBeLessThan(60);
    expect(buttonIn(long, 'More')?.value).toBe(`@${shown} ${question}`);
  });

  test('says so where the question is too long for a button to ask it again', () => {
    const long = searchView(aSearch(), { question: `search ${'x'.repeat(1_991)}` }, LOOK);
    expect(buttonIn(long, 'More')).toBeUndefined();
    expect(shownIn(long)).toContain('the question is too long for a button');
  });

  test('that finds nothing says what to try', () => {
    const nothing = searchView(aSearch({ resources: [], more: false }), { question }, LOOK);
    expect(nothing.text).toBe('Nothing is found for `john status:confirmed`.');
    expect(shownIn(nothing)).toContain('Try fewer filters, a part of the name or address, or the id.');
    expect(shownIn(nothing)).toContain('/webkasa failed');
  });

  test.each([
    [{ status: 'confrimed' }, 'there are PENDING, CONFIRMED, CANCELLED', 'search john status:confirmed'],
    [{ status: 'bogus' }, 'WebKasa documents no status “bogus”: there are PENDING', undefined],
    [
      { type: 'bookings' },
      'WebKasa documents no type “bookings”: there are booking, event',
      'search john type:booking',
    ],
    [{ type: 'x' }, 'WebKasa documents no type “x”', undefined],
    [{ status: 'PENDING,confirmed' }, 'search for status:PENDING, then status:confirmed', undefined],
    [{ schedule: 'sch_1,sch_2' }, 'schedule: takes one value', undefined],
  ])('that finds nothing for %j says which values there are, and the nearest', (filters, words, meant) => {
    const nothing = aSearch({ resources: [], more: false, query: { words: 'john', ...filters } });
    const view = searchView(nothing, { question }, LOOK);
    expect(shownIn(view)).toContain(words);
    expect(view.text).toContain(words);
    expect(buttonIn(view, 'Yes, that')?.value).toBe(meant);
  });

  test.each([
    { status: 'no_show' },
    { status: 'Published' },
    { type: 'booking' },
    { type: 'EVENT.*' },
    { type: 'registration.cancelled' },
  ])('that finds nothing for %j finds no fault with it', (filters) => {
    const nothing = aSearch({ resources: [], more: false, query: { words: 'john', ...filters } });
    expect(shownIn(searchView(nothing, { question }, LOOK))).not.toContain('WebKasa documents');
  });

  test('keeps a name written from right to left from turning the line around', () => {
    expect(shownIn(answer)).toContain('\u2068محمد عبد الله\u2069');
  });
});

describe('the copy that is posted to the channel', () => {
  const copy = postedCopy(searchView(aSearch(), { question }, LOOK), { by: 'U012ANN', question });

  test('says who asked what', () => {
    expect(shownIn(copy)).toContain(`Asked by <@U012ANN>: \`/webkasa ${question}\``);
  });

  test('has no buttons that are for the asker alone', () => {
    expect(new Set(buttonsIn(copy.blocks).map(({ action }) => action))).toEqual(new Set([BUTTONS.show]));
  });

  test('mentions nobody by something that is no id of a user', () => {
    const odd = postedCopy(copy, { by: '!channel', question });
    expect(shownIn(odd)).toContain('Asked by somebody');
  });
});

describe('what a button asks', () => {
  test.each([0, 1, 40])('is read as it was written, from %i on', (offset) => {
    expect(readAsk(askValue({ question, offset }))).toEqual({ question, offset });
  });

  test('is no offset where there is none', () => {
    expect(readAsk('@home search')).toEqual({ question: '@home search', offset: 0 });
  });
});

describe('the answer to show', () => {
  const answer = showView(aShow(), { question: 'show bk_xyz789' }, LOOK);

  test('tells what it is, what else is known of it, and what was sent', () => {
    const shown = shownIn(answer);
    expect(shown).toContain('*John Doe* · First consultation · confirmed');
    expect(shown).toContain('location: Room 4');
    expect(shown).toContain('✓ mail to john@example.com: done');
    expect(shown).toContain('✗ mail to john@example.com: failed for good');
  });

  test('shows where it was moved from, struck', () => {
    expect(shownIn(answer)).toMatch(/moved from ~<!date\^1802595600\^.*>.*~/);
  });

  test('leads on to the story, to another run, and where something failed to a retry', () => {
    expect(buttonsIn(answer.blocks).map(({ label }) => label)).toEqual([
      'Why',
      'Retry what failed',
      'Run again',
      'Post to channel',
    ]);
    const healthy = showView(aShow({ webhooks: aShow().webhooks.slice(0, 1) }), { question: 'show bk_xyz789' }, LOOK);
    expect(buttonIn(healthy, 'Retry what failed')).toBeUndefined();
  });

  test('for an unknown id says what was refused lately', () => {
    const rejections = [
      {
        reason: 'signature_wrong',
        count: 3,
        lastAt: new Date(LOOK.now),
        meaning: 'the secret differs',
        remedy: 'Copy it.',
      },
    ];
    const shown = shownIn(showView(aShow({ id: 'bk_no', found: false, rejections }), { question: 'show bk_no' }, LOOK));
    expect(shown).toContain('Nothing is known under `bk_no`');
    expect(shown).toContain('3 requests');
    expect(shown).toContain('Copy it.');
  });
});

describe('the agenda', () => {
  test('stands under the days of TIMEZONE, and tells of cancelled ones only how many', () => {
    const shown = shownIn(agendaView(anAgenda(), { question: 'upcoming' }, LOOK)).split('\n');
    expect(shown.filter((line) => /^\*\w{3}, Feb/.test(line))).toEqual([
      '*Mon, Feb 15, 2027 to Mon, Feb 22, 2027 (Europe/Berlin)*',
      '*Mon, Feb 15, 2027*',
      '*Wed, Feb 17, 2027*',
    ]);
    expect(shown).toContain('Left out: 1 cancelled');
  });

  test('of an empty day says where to look further', () => {
    const answer = agendaView(anAgenda({ span: 'today', resources: [] }), { question: 'today' }, LOOK);
    expect(answer.text).toBe('Today, Mon, Feb 15, 2027 (Europe/Berlin): nothing takes place.');
    expect(shownIn(answer)).toContain('/webkasa upcoming');
  });
});

test('what a summary told is listed, and goes on by asking for it again', () => {
  const deliveries = [
    {
      id: 'dl_1',
      webhookId: 'wh_1',
      type: 'booking.created',
      resource: 'bk_1',
      what: 'John Doe',
      status: 'done' as const,
    },
    { id: 'dl_2', webhookId: 'wh_2', type: 'booking.created', resource: null, what: null, status: 'dead' as const },
  ];
  const answer = togetherView(
    { id: 'sum_1', limit: 2, offset: 0, more: true, deliveries },
    { question: 'show sum_1' },
    LOOK,
  );
  expect(shownIn(answer)).toContain('*John Doe* · booking.created');
  expect(shownIn(answer)).toContain('✗ dead · `dl_2`');
  expect(buttonsIn(answer.blocks).map(({ action, value }) => [action, value])).toEqual([
    [BUTTONS.show, 'bk_1'],
    [BUTTONS.show, 'wh_2'],
    [BUTTONS.ask, '@2 show sum_1'],
    [BUTTONS.post, 'show sum_1'],
  ]);
});
