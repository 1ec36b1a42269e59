import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** These take longest; begun first, they don't run on alone when all others have ended. */
const LONGEST = [
  'test/chaos/',
  'test/store/postgres/contract',
  'test/store/sqlite/contract',
  'test/deliver/slack/fold',
  'test/e2e/',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const place = LONGEST.findIndex((path) => moduleId.includes(path));
      return place === -1 ? LONGEST.length : place;
    };
    return (await super.sort(files)).sort((one, other) => rank(one) - rank(other));
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/postgres-setup.ts'],
    testTimeout: 30_000,
    expect: { poll: { timeout: 20_000 } },
    hookTimeout: 30_000,
    // Many tests wait for a server or a process rather than for the processor.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
  },
});
