import rfc8188 from '../vectors/rfc8188.json' with { type: 'json' };
import rfc8291 from '../vectors/rfc8291.json' with { type: 'json' };
import rfc8292 from '../vectors/rfc8292.json' with { type: 'json' };

/** Messages with all that is needed to make and to open them, base64url without padding. */
export const messages = rfc8291.groups.messages.tests.map(({ id, title, input, expected }) => ({
  id,
  title,
  ...input,
  ...expected,
}));

/** RFC 8291 §5. */
export const exampleMessage = named(messages, 'rfc8291/example');

/** RFC 8188 §3.1. */
export const exampleContent = content(
  rfc8188.groups.contents.tests.find(({ id }) => id === 'rfc8188/single'),
);

function content(test: (typeof rfc8188.groups.contents.tests)[number] | undefined) {
  if (test?.expected.result !== 'valid') throw new Error('the example of RFC 8188 is gone');
  const { salt = '', plaintext = '', keyId = '' } = test.expected;
  return { ...test.input, salt, plaintext, keyId };
}

/** Key pairs of which none needs more than its own look: leading zeros among them. */
export const keyPairs = rfc8292.groups.keys.tests.flatMap(({ id, title = '', input, expected }) =>
  expected.k === undefined ? [] : [{ id, title, jwk: input.jwk, publicKey: expected.k }],
);

/** RFC 7515 A.3. */
export const exampleKey = named(keyPairs, 'rfc8292/key-rfc7515');

/** Tokens that verify with their keys. */
export const tokens = rfc8292.groups.requests.tests.flatMap(({ id, title = '', input, expected }) => {
  const [, t, k] = /^vapid t=([\w.-]+), k=([\w-]+)$/.exec(input.authorization[0] ?? '') ?? [];
  return expected.claims === undefined || t === undefined || k === undefined
    ? []
    : [{ id, title, t, k, claims: expected.claims }];
});

/** RFC 8292 §2.4. */
export const exampleToken = named(tokens, 'rfc8292/example');

function named<T extends { readonly id: string }>(all: readonly T[], id: string): T {
  const found = all.find((one) => one.id === id);
  if (!found) throw new Error(`there is no vector ${id}`);
  return found;
}
