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
    file: 'harness/judge/authorization.ts',
    line: "const [whole, name = '', quoted, bare = ''] = match",
    reason: 'whatever matches has a name, and a value that is quoted or bare: the compiler wants to be told',
  },
  {
    file: 'harness/judge/examine.ts',
    line: "entry.kind === 'mark' &&",
    becomes: 'true',
    reason: 'no other entry has a label: the compiler wants to be told',
  },
  {
    file: 'harness/judge/examine.ts',
    line: 'subscription === undefined ? [] : editionsOf',
    becomes: 'false',
    reason: 'no subscription is without a name: the compiler wants to be told',
  },
  {
    file: 'harness/judge/examine.ts',
    line: 'subscription !== undefined && isSentinel',
    becomes: 'true',
    reason: 'what was opened has a subscription: the compiler wants to be told',
  },
  {
    file: 'harness/judge/examine.ts',
    line: "entry.kind === 'subscription' && entry.seq < seq",
    becomes: 'entry.seq <= seq',
    reason: 'no entry is a request and a subscription at once',
  },
  {
    file: 'harness/judge/examine.ts',
    line: "diagnose(body, 'delimiter', readKeys(edition), [])",
    reason: 'at this stage it is known whose message it is',
  },
  {
    file: 'harness/judge/examine.ts',
    line: "diagnose(body, stage ?? 'seal'",
    reason: 'there is at least one edition: the compiler wants to be told',
  },
  {
    file: 'harness/judge/examine.ts',
    line: '} catch {',
    becomes: '{}',
    reason: 'what is spread may be undefined as well as empty',
  },
  {
    file: 'harness/judge/member-names.ts',
    line: "colon === ':' && string !== undefined",
    becomes: 'true',
    reason: 'a colon is only looked for behind a string: the compiler wants to be told',
  },
  {
    file: 'harness/judge/open-with-webcrypto.ts',
    line: 'false, [',
    becomes: 'true',
    reason: 'nobody exports the key',
  },
  {
    file: 'harness/judge/parse-element.ts',
    line: '} catch {',
    becomes: '{}',
    reason: 'it goes on to the end then, which gives undefined as well',
  },
  {
    file: 'harness/judge/token.ts',
    line: "token?.split('.') ?? []",
    reason: 'neither has a part that can be read',
  },
  {
    file: 'harness/judge/token.ts',
    line: '} catch {',
    becomes: '{}',
    reason: 'it goes on to the end then, which gives undefined as well',
  },
  {
    file: 'harness/judge/token.ts',
    line: "JSON.parse(partText(part) ?? '')",
    reason: 'neither is JSON',
  },
  {
    file: 'harness/judge/token.ts',
    line: "typeof value === 'object' && value !== null",
    becomes: 'true',
    reason: 'null has no entries, which ends in the same way',
  },
  {
    file: 'harness/judge/token.ts',
    line: 'verifications.size >= MEMORY && oldest !== undefined',
    becomes: 'true',
    reason: 'there is an oldest one where there are so many: the compiler wants to be told',
  },
  {
    file: 'harness/judge/token.ts',
    line: "{ name: 'ECDSA', namedCurve: 'P-256' }, false",
    becomes: 'true',
    reason: 'nobody exports the key',
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
