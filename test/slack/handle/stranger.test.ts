import { expect, test } from 'vitest';
import { interactionFacts } from '../../../src/slack/handle/asker.ts';
import { isStranger } from '../../../src/slack/handle/stranger.ts';

const facts = (ofUser: string | undefined, ofPayload: string | undefined) =>
  interactionFacts({ user: { id: 'U0ANNA', team_id: ofUser }, team: ofPayload ? { id: ofPayload } : null });

test.each([
  ['a member', 'T0OWN', 'T0OWN', 'T0OWN', false],
  ['somebody of another workspace', 'T0OTHER', 'T0OWN', 'T0OWN', true],
  // As Slack sends what somebody does with a dialog in a shared channel.
  ['somebody in a payload of their own workspace', 'T0OTHER', 'T0OTHER', 'T0OWN', true],
  ['somebody of whose workspace nothing is told', undefined, 'T0OTHER', 'T0OWN', false],
  ['the same in a payload of the own workspace', undefined, 'T0OWN', 'T0OWN', false],
  ['somebody of whom nothing at all is told', undefined, undefined, 'T0OWN', false],
  ['somebody of another workspace, while the own is not known yet', 'T0OTHER', 'T0OWN', undefined, true],
  ['a member, while the own is not known yet', 'T0OWN', 'T0OWN', undefined, false],
])('%s', (_, ofUser, ofPayload, own, stranger) => {
  expect(isStranger(facts(ofUser, ofPayload), own)).toBe(stranger);
});
