import { expect, test } from 'vitest';
import { createRowCount } from '../../../src/store/postgres/dump-rows.ts';

const SCRIPT = `SET search_path = '';
COPY public.webhook (seq, id, body) FROM stdin;
1\twh_1\tfirst\\nsecond
2\twh_2\tCOPY public.act (seq) FROM stdin;
3\t\\\\.\t${'long '.repeat(2_000)}
\\.


COPY "odd schema".act (seq) FROM stdin;
1
\\.
COPY webkasa_jobs.job (id) FROM stdin;
1
\\.
COPY public.pause (kind) FROM stdin;
\\.
`;

test.each([1, 7, 64, 100_000])('rows of a dump are counted by table, read in pieces of %i bytes', (size) => {
  const { add, rows } = createRowCount();
  const bytes = Buffer.from(SCRIPT);
  for (let at = 0; at < bytes.length; at += size) add(bytes.subarray(at, at + size));
  expect(rows()).toMatchObject({ webhook: 3, act: 1, pause: 0, delivery: 0 });
  expect(rows()).not.toHaveProperty('job');
});
