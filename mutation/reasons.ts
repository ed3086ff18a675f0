/** Why no test needs to notice a mutant. */
export interface Reason {
  readonly file: string;
  /** Part of the line in which the mutant begins, as it stands in the source. */
  readonly line: string;
  /** Only mutants that put this in the place; any, when it is absent. */
  readonly becomes?: string;
  readonly reason: string;
}

/** Survivors that are no gap in the tests. One that fits no survivor any more has to go. */
export const reasons: readonly Reason[] = [
  {
    file: 'reference/importance/classify.ts',
    line: "if (!rule) throw new Error('The last rule matches everything.')",
    reason: 'the last rule does match everything: the compiler wants to be told',
  },
  {
    file: 'reference/importance/subject.ts',
    line: 'if (start <= end) regions.push',
    becomes: 'start < end',
    reason: 'a region without a character covers none',
  },
  {
    file: 'reference/importance/subject.ts',
    line: "type === 'error' ? type : 'normal'",
    becomes: '""',
    reason: 'no rule asks for the type normal: it is what is left',
  },
  {
    file: 'reference/encryption/aes128gcm.ts',
    line: "'latin1'",
    becomes: '""',
    reason: 'in UTF-8, which the empty name stands for, ASCII has the same octets',
  },
  {
    file: 'reference/encryption/webpush-encryption.ts',
    line: "'latin1'",
    becomes: '""',
    reason: 'in UTF-8, which the empty name stands for, ASCII has the same octets',
  },
  {
    file: 'reference/encryption/webpush-encryption.ts',
    line: "const sender = createECDH('prime256v1')",
    reason: 'the module does not load then, which the runner takes for no test that fails',
  },
  {
    file: 'reference/encryption/webpush-encryption.ts',
    line: 'const saltPool = Buffer.alloc(256 * SALT_OCTETS)',
    reason: 'only the number of calls for random octets changes',
  },
  {
    file: 'reference/encryption/webpush-encryption.ts',
    line: 'if (saltsTaken === saltPool.length)',
    becomes: 'true',
    reason: 'only the number of calls for random octets changes',
  },
  {
    file: 'reference/encryption/webpush-encryption.ts',
    line: 'const ecdh = privateKey === undefined ? sender',
    reason: 'only which object makes the key changes',
  },
  {
    file: 'harness/fence/sentinel.ts',
    line: "entry.kind === 'stream' &&",
    becomes: 'true',
    reason: 'no other entry has an event: the compiler wants to be told',
  },
  {
    file: 'harness/run/fences.ts',
    line: "return entry.kind === 'request' && entry.subscription",
    becomes: 'true',
    reason: 'no other entry has a subscription: the compiler wants to be told',
  },
  {
    file: 'harness/run/fences.ts',
    line: '() => false,',
    becomes: '() => undefined',
    reason: 'it is as false as false',
  },
  {
    file: 'harness/run/wait.ts',
    line: 'settle(false);',
    becomes: 'true',
    reason: 'it was rejected before: this only clears up',
  },
  {
    file: 'harness/judge/diagnose.ts',
    line: '} catch {',
    becomes: '{}',
    reason: 'it goes on to the end then, which gives undefined as well, or what is as false as false',
  },
  {
    file: 'harness/judge/wire-http.ts',
    line: 'const bare = (name',
    becomes: '(name.endsWith(port) ? name.slice(0, -port.length) : name).toUpperCase()',
    reason: 'both sides of the comparison change alike',
  },
  {
    file: 'harness/judge/wire-vapid.ts',
    line: "decodeBase64url(parts[2] ?? '')",
    reason: 'there is a third part where octets of it were counted: the compiler wants to be told',
  },
  {
    file: 'harness/judge/verdict.ts',
    line: "gravity[catalogue.get(finding.requirement)?.level ?? 'MUST']",
    reason: 'what is not in the catalogue has been found out before: the compiler wants to be told',
  },
  {
    file: 'reference/importance/subject.ts',
    line: "type === 'error' ? type : 'normal'",
    becomes: 'true',
    reason: 'no rule asks for the type normal, nor for one that is unknown',
  },
  {
    file: 'reference/importance/subject.ts',
    line: "hint: typeof hint === 'string' ? hint : undefined",
    becomes: 'true',
    reason: 'nothing else was looked for: the compiler wants to be told',
  },
];
