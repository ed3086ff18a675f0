import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Not mutation/dist, where a copy of the whole kit stands while mutants are tried.
    include: ['{reference,harness,suites,fixtures,vectors,bench,test}/**/*.test.ts', 'mutation/*.test.ts'],
    // Native code that stands still takes a thread's whole run with it, and a process can be ended.
    pool: 'forks',
  },
});
