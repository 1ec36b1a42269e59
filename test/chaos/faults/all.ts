import { CLOCK_FAULTS } from './clock.ts';
import { DISK_FAULTS } from './disk.ts';
import { DISORDER_FAULTS } from './disorder.ts';
import type { Fault } from './fault.ts';
import { MAIL_FAULTS } from './mail.ts';
import { POSTGRES_FAULTS } from './postgres.ts';
import { PROCESS_FAULTS } from './processes.ts';
import { RULES_FAULTS } from './rules.ts';
import { SLACK_FAULTS } from './slack.ts';

export const FAULTS: readonly Fault[] = [
  ...PROCESS_FAULTS,
  ...POSTGRES_FAULTS,
  ...MAIL_FAULTS,
  ...SLACK_FAULTS,
  ...DISK_FAULTS,
  ...CLOCK_FAULTS,
  ...RULES_FAULTS,
  ...DISORDER_FAULTS,
];

/** The fault of that name. */
export const faultNamed = (name: string): Fault => {
  const found = FAULTS.find((fault) => fault.name === name);
  if (found) return found;
  throw new Error(`There is no fault "${name}"; there are: ${FAULTS.map((fault) => fault.name).join(', ')}.`);
};
