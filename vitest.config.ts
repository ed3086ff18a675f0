import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Not mutation/dist, where a copy of the whole kit stands while mutants are tried.
    include: ['{reference,harness,suites,fixtures,vectors,bench,test}/**/*.test.ts', 'mutation/*.test.ts'],
    // A thread can be caught for ever in the database's native code when it ends; a process cannot.
    pool: 'forks',
  },
});
