/** Code whose tests are tested: what it is, and its files. */
export interface Area {
  readonly name: string;
  readonly title: string;
  /** Globs from the project's root; one that begins with `!` takes files out. */
  readonly files: readonly string[];
  /** Folder of the tests that have to notice: those of the code itself, not of the whole kit. */
  readonly tests: string;
}

/** What a green run rests on: that judges find, that fences hold, and that the reference is right where it is followed. */
export const areas: readonly Area[] = [
  {
    name: 'verdict',
    title: 'From findings to a verdict',
    tests: 'harness/judge',
    files: ['harness/judge/verdict.ts', 'harness/judge/check.ts', 'harness/judge/judge-error.ts'],
  },
  {
    name: 'judge',
    title: 'What judges read',
    tests: 'harness/judge',
    files: [
      'harness/judge/*.ts',
      '!harness/judge/*.test.ts',
      '!harness/judge/forge.ts',
      '!harness/judge/wire*.ts',
      '!harness/judge/{diagnose,known-slips,verdict,check,judge-error}.ts',
    ],
  },
  {
    name: 'wire',
    title: 'Judges of requests',
    tests: 'harness/judge',
    files: ['harness/judge/wire*.ts', '!harness/judge/*.test.ts'],
  },
  {
    name: 'diagnosis',
    title: 'Why a body does not open',
    tests: 'harness/judge',
    files: ['harness/judge/{diagnose,known-slips}.ts'],
  },
  {
    name: 'fence',
    title: 'Fences',
    tests: 'harness/{fence,run}',
    files: ['harness/fence/*.ts', '!harness/fence/*.test.ts', 'harness/run/fences.ts', 'harness/run/wait.ts'],
  },
  {
    name: 'importance',
    title: 'Importance',
    tests: 'reference/importance',
    files: ['reference/importance/*.ts', '!reference/importance/*.test.ts'],
  },
  {
    name: 'encryption',
    title: 'Encryption',
    tests: 'reference/encryption',
    files: ['reference/encryption/*.ts', '!reference/encryption/*.test.ts'],
  },
];
