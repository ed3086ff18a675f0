import { defineConfig } from 'vitest/config';

/** The tests of one area alone. */
export default defineConfig({
  test: { include: [`${process.env.MUTATION_TESTS}/**/*.test.ts`], pool: 'threads', testTimeout: 60_000 },
});
