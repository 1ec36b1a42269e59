import type { Fault, StoreKind } from './faults/fault.ts';

/** A mistake made on purpose in a copy of the source, which a fault must bring to light. */
export type Mistake = {
  readonly fault: Fault['name'];
  /** SQLite where absent, as one process is broken sooner than several. */
  readonly store?: StoreKind;
  /** What the code does then. */
  readonly what: string;
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly from: string;
  readonly to: string;
};

const receives200First: Pick<Mistake, 'what' | 'file' | 'from' | 'to'> = {
  what: 'answers 200 where a webhook could not be stored',
  file: 'src/receive/endpoint.ts',
  from: "throw new HttpError(503, 'unavailable', 'The webhook could not be stored; send it again.', { 'Retry-After': '60' });",
  to: "return 'stored' as const;",
};

const neverGivesUp: Pick<Mistake, 'what' | 'file' | 'from' | 'to'> = {
  what: 'takes a failed attempt for a done one',
  file: 'src/deliver/lane.ts',
  from: 'return failed(delivery, toDeliveryError(error));',
  to: "return { status: 'done', receipt: { summary: toDeliveryError(error).message } };",
};

const givesUpAtOnce: Pick<Mistake, 'what' | 'file' | 'from' | 'to'> = {
  what: 'gives up after the first try',
  file: 'src/deliver/backoff.ts',
  from: 'export const MOST_TRIES = 17;',
  to: 'export const MOST_TRIES = 1;',
};

const neverLooks: Pick<Mistake, 'what' | 'file' | 'from' | 'to'> = {
  what: 'posts again without looking whether Slack has it',
  file: 'src/deliver/slack/history.ts',
  from: 'if (ts && metadata?.event_type === METADATA_TYPE && isIt(payload) && ts !== head) {',
  to: 'if (ts && metadata === null && isIt(payload) && ts !== head) {',
};

/** One for each fault at least. */
export const MISTAKES: readonly Mistake[] = [
  {
    fault: 'kill-receiver',
    what: 'answers 200 before a webhook is stored',
    file: 'src/receive/endpoint.ts',
    from: 'const outcome = await inbox.accept({ id, type, receivedAt: now(), body }).catch((error: unknown) => {',
    to: "const outcome = await Promise.race([new Promise<'stored'>((go) => setTimeout(go, 0, 'stored')), new Promise((go) => setTimeout(go, 400)).then(() => inbox.accept({ id, type, receivedAt: now(), body }))]).catch((error: unknown) => {",
  },
  {
    fault: 'kill-worker',
    what: 'does not take up what was under way at a kill',
    file: 'src/store/sqlite/deliveries.ts',
    from: 'return release.run().changes;',
    to: 'return 0;',
  },
  {
    fault: 'kill-all',
    what: 'takes what was under way at a kill for done',
    file: 'src/store/sqlite/deliveries.ts',
    from: "UPDATE delivery SET status = 'pending' WHERE",
    to: "UPDATE delivery SET status = 'done' WHERE",
  },
  {
    fault: 'restarted',
    what: 'stops with a failure',
    file: 'src/runtime/shutdown.ts',
    from: "log.info('stopped');\n        process.exit(0);",
    to: 'process.exit(3);',
  },
  {
    fault: 'halted',
    what: 'ends where it stood still for three seconds',
    file: 'src/runtime/shutdown.ts',
    from: "  process.on('SIGTERM', onSignal);",
    to: "  let last = performance.now();\n  setInterval(() => { if (performance.now() - last > 3_000) process.exit(9); last = performance.now(); }, 500);\n  process.on('SIGTERM', onSignal);",
  },
  { fault: 'postgres-killed', store: 'postgres', ...receives200First },
  {
    fault: 'postgres-killed',
    store: 'postgres',
    what: 'forgets an outcome that the store did not take at once',
    file: 'src/deliver/lane.ts',
    from: 'if (abort.signal.aborted) return;\n        await',
    to: 'return;\n        await',
  },
  { fault: 'smtp-refused', ...neverGivesUp },
  { fault: 'smtp-busy', ...givesUpAtOnce },
  {
    fault: 'smtp-hanging',
    what: 'waits for the mail server without end',
    file: 'src/deliver/email/smtp.ts',
    from: '    disableFileAccess: true,',
    to: '    disableFileAccess: true, url: cleaned.href.split("?")[0] ?? "",',
  },
  {
    fault: 'smtp-dropping',
    what: 'sends each mail twice',
    file: 'src/deliver/email/smtp.ts',
    from: 'return await transporter.sendMail({ ...message, signal });',
    to: 'await transporter.sendMail({ ...message, signal }); return await transporter.sendMail({ ...message, signal });',
  },
  {
    fault: 'slack-429',
    what: 'takes "too many requests" for a refusal',
    file: 'src/deliver/outcome.ts',
    from: "case 'wait':",
    to: "case 'wait': if (error.code !== 'its_turn') return { ...failed, status: 'dead', message: error.message, dueAt: now, counts: true };",
  },
  { fault: 'slack-500-before', ...neverGivesUp },
  {
    fault: 'slack-500-before',
    what: 'brings cards up to date and leaves out the replies below them',
    file: 'src/deliver/slack/card.ts',
    from: 'await thread.post(telling, name, card, linesAsReply(lines, telling.settings), marksOf(lines));',
    to: 'void linesAsReply(lines, telling.settings);',
  },
  { fault: 'slack-500-after', ...neverLooks },
  { fault: 'slack-reset-before', ...givesUpAtOnce },
  { fault: 'slack-reset-after', ...neverLooks },
  { fault: 'disk-full', ...receives200First },
  { fault: 'read-only', ...givesUpAtOnce },
  {
    fault: 'clock-ahead',
    what: 'tells when work is due by a clock that goes back',
    file: 'src/runtime/steady-clock.ts',
    from: 'last = Math.max(clock(), last + (at - looked) / 2);',
    to: 'last = clock();',
  },
  {
    fault: 'clock-behind',
    what: 'orders webhooks by when they came',
    file: 'src/core/webhook.ts',
    from: 'return time > 0 && time < LATEST ? time : receivedAt;',
    to: 'return time > 0 && time < 0 ? time : receivedAt;',
  },
  {
    fault: 'rules-broken',
    what: 'goes on without rules where the file is broken',
    file: 'src/route/watch.ts',
    from: "log.error('the edit has errors;",
    to: "rulebook = { ...rulebook, rules: [] };\n      log.error('the edit has errors;",
  },
  {
    fault: 'disorder',
    what: 'tells what is old after what is newer',
    file: 'src/store/sqlite/deliveries.ts',
    from: "if (late !== 'skip') return undefined;",
    to: "if (late !== 'never') return undefined;",
  },
];
