import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Not mutation/dist, where a copy of the whole kit stands while mutants are tried.
    include: ['{reference,harness,suites,fixtures,vectors,bench,test}/**/*.test.ts', 'mutation/*.test.ts'],
    pool: 'threads',
  },
});
