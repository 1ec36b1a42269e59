import { about, type Case, type Finding } from './case.ts';

const LONGEST = 300;

/** What a process says when something happens that it was not made for. */
const UNFORESEEN =
  /"level":60|nobody handled|failed unexpectedly|unhandled|TypeError|ReferenceError|RangeError|\bassert/i;

/** Guests' addresses, and what a connection string would show. */
const SECRETS = /@guest\.example|postgres:\/\/[^"\s]*@|secret-of-the-chaos-runs|xoxb-/;

/** No process fails in a way it does not know, ends by itself, or writes what nobody may read. */
export const auditLogs = ({ lines, endings }: Case): Finding[] => {
  const told = ({ process, line }: Case['lines'][number]): string => `${process}: ${line.slice(0, LONGEST)}`;
  const odd = lines.filter(({ line }) => UNFORESEEN.test(line) || !line.startsWith('{"level":'));
  return [
    ...about('no unforeseen error', [...odd.map(told), ...endings]),
    ...about('no attendee and no secret in logs', lines.filter(({ line }) => SECRETS.test(line)).map(told)),
  ];
};
