import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OperatorError } from '../../../src/core/errors.ts';
import { readOrigin, writeOrigin } from '../../../src/slack/handle/rerun-origin.ts';

test('what a dialog has to remember comes back as it was, or is refused before it is opened', () => {
  const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 400 });
  fc.assert(
    fc.property(text, text, fc.option(text, { nil: undefined }), (webhookId, channel, responseUrl) => {
      const origin = { webhookId, channel, ...(responseUrl !== undefined && { responseUrl }) };
      try {
        const written = writeOrigin(origin);
        expect(written.length).toBeLessThanOrEqual(3_000);
        expect(readOrigin(written)).toEqual(origin);
      } catch (error) {
        if (!(error instanceof OperatorError)) throw error;
        expect(JSON.stringify(origin).length).toBeGreaterThan(3_000);
      }
    }),
  );
});

test.each(['', '{', 'null', '[]', '{"webhookId":""}', '{"webhookId":1,"channel":"C1"}'])('%j is no origin', (text) => {
  expect(readOrigin(text)).toBeUndefined();
});
