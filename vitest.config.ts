import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{reference,harness,suites,fixtures,vectors,bench,mutation,test}/**/*.test.ts'],
    pool: 'threads',
  },
});
