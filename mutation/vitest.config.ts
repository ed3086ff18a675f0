import { statSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Short files first: the first test that notices a mutant ends its run, and short ones are quick. */
class ShortFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((one, other) => statSync(one.moduleId).size - statSync(other.moduleId).size);
  }
}

/** The tests of one area alone. */
export default defineConfig({
  test: {
    include: [`${process.env.MUTATION_TESTS}/**/*.test.ts`],
    pool: 'threads',
    testTimeout: 60_000,
    sequence: { sequencer: ShortFirst },
  },
});
