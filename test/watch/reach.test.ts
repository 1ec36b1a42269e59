import { expect, test } from 'vitest';
import { type Cut, watchReach } from '../../src/watch/reach.ts';
import { T0 } from '../support/builders.ts';

const watched = () => {
  let time = T0;
  let cut: Cut | undefined;
  const look = watchReach(
    () => cut,
    () => time,
  );
  return {
    look,
    cutBy(next: Cut | undefined) {
      cut = next;
    },
    pass(seconds: number) {
      time += seconds * 1000;
    },
  };
};

test('a connection to Slack that is soon there again is no trouble; one that stays away is, with since when', () => {
  const { look, cutBy, pass } = watched();
  cutBy({ text: "Slack can't be reached (ECONNREFUSED).", lasting: false });
  expect(look()).toEqual([]);
  pass(119);
  expect(look()).toEqual([]);
  cutBy(undefined);
  expect(look()).toEqual([]);

  const began = { text: "Slack can't be reached (ENOTFOUND).", lasting: false };
  pass(60);
  cutBy(began);
  expect(look()).toEqual([]);
  pass(120);
  expect(look()).toMatchObject([{ key: 'reach', cause: began.text, since: T0 + 179_000 }]);
  cutBy(undefined);
  expect(look()).toEqual([]);
});

test('what only a change of settings mends is told at the first look', () => {
  const { look, cutBy } = watched();
  cutBy({ text: 'Slack does not accept SLACK_APP_TOKEN (invalid_auth): set it.', lasting: true });
  expect(look()).toMatchObject([{ title: 'Nobody can ask the bot in Slack', since: T0 }]);
});
