/**
 * What one core makes of push requests, this sender and web-push in turns: encryption of 3000 octets and the VAPID field.
 *
 *     npx tsc -p bench && node bench/dist/bench/sender.js
 */
import { createECDH, randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import webPush from 'web-push';
import { encrypt } from '../reference/encryption/webpush-encryption.js';
import { decodeBase64url } from '../reference/subscription/base64url.js';
import { parseSubscription } from '../reference/subscription/subscription.js';
import { generateKey } from '../reference/vapid/key.js';
import { createAuthorization, createToken } from '../reference/vapid/token.js';

const ROUNDS = 21;
const ROUND_TIME = 150;

const payload = randomBytes(3000);
const userAgent = createECDH('prime256v1').generateKeys('base64url');
const endpoint = `https://push.example.net/p/${randomBytes(96).toString('base64url')}`;
const text = { endpoint, p256dh: userAgent, auth: randomBytes(16).toString('base64url') };
const policy = { allowedHosts: [] };
const subject = 'mailto:operator@example.net';
const key = generateKey();
const authorization = createAuthorization(subject);

function parse() {
  const result = parseSubscription(text, policy);
  if (!result.ok) throw new Error(result.text);
  return result.subscription;
}

function decode(value: string): Uint8Array {
  return decodeBase64url(value) ?? new Uint8Array();
}

const subscription = parse();
const theirSubscription = { endpoint, keys: { p256dh: text.p256dh, auth: text.auth } };
const theirVapid = {
  subject,
  publicKey: key.publicKey,
  privateKey: key.privateKey.export({ format: 'jwk' }).d ?? '',
};

function theirs(vapidDetails: typeof theirVapid | null): { body: Uint8Array; field: string | undefined } {
  const options = { TTL: 60, contentEncoding: 'aes128gcm', ...(vapidDetails && { vapidDetails }) } as const;
  const details = webPush.generateRequestDetails(theirSubscription, payload, options);
  return { body: details.body ?? new Uint8Array(), field: details.headers.Authorization };
}

/**
 * A server checks a subscription once, when it is enabled, and keeps its keys as octets; web-push decodes them each time,
 * and checks nothing but the lengths. Both ways are measured.
 *
 * Each makes one whole request's body and, but for the last two, its Authorization field.
 */
const senders = {
  'web-push': () => theirs(theirVapid),
  ours: () => ({ body: encrypt(payload, subscription), field: authorization(endpoint, key, Date.now()) }),
  'ours, keys decoded each time': () => ({
    body: encrypt(payload, { p256dh: decode(text.p256dh), auth: decode(text.auth) }),
    field: authorization(endpoint, key, Date.now()),
  }),
  'ours, whole subscription checked each time': () => ({
    body: encrypt(payload, parse()),
    field: authorization(endpoint, key, Date.now()),
  }),
  'ours, token signed each time': () => {
    const exp = Math.floor(Date.now() / 1000) + 43_200;
    const token = createToken(key, { aud: 'https://push.example.net', exp, sub: subject });
    return { body: encrypt(payload, subscription), field: `vapid t=${token}, k=${key.publicKey}` };
  },
  'web-push, without VAPID': () => theirs(null),
  'ours, without VAPID': () => ({ body: encrypt(payload, subscription), field: undefined }),
};
type Name = keyof typeof senders;
const names = Object.keys(senders) as readonly Name[];

/** Requests a second over `time` milliseconds. */
function rate(name: Name, time: number): number {
  const send = senders[name];
  const start = performance.now();
  let requests = 0;
  let elapsed = 0;
  for (; elapsed < time; elapsed = performance.now() - start) {
    for (let i = 0; i < 10; i++) send();
    requests += 10;
  }
  return (requests * 1000) / elapsed;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

// The same work, or the comparison says nothing.
for (const name of names) {
  const { body, field } = senders[name]();
  const complete = name.endsWith('without VAPID') || /^vapid t=[\w.-]+, k=[\w-]{87}$/.test(field ?? '');
  if (body.length !== 3103 || !complete) throw new Error(`${name} does not make the request`);
}

for (const name of names) rate(name, 400);
const rates = new Map<Name, number[]>(names.map((name) => [name, []]));
for (let round = 0; round < ROUNDS; round++) {
  // Every other round backwards, so that none always runs after the same one.
  for (const name of round % 2 ? names.toReversed() : names) rates.get(name)?.push(rate(name, ROUND_TIME));
}

const of = (name: Name) => rates.get(name) ?? [];
const width = Math.max(...names.map((name) => name.length));
console.log(
  `3000 octets of payload, ${ROUNDS} rounds of ${ROUND_TIME} ms each in turns, Node ${process.version}`,
);
for (const name of names) {
  const base: Name = name.endsWith('without VAPID') ? 'web-push, without VAPID' : 'web-push';
  // Of one round, since the machine's pace changes between them.
  const ratio = median(of(name).map((value, round) => value / (of(base)[round] ?? Number.NaN)));
  const [low, high] = [Math.min(...of(name)), Math.max(...of(name))].map(Math.round);
  console.log(
    `${name.padEnd(width)}  ${String(Math.round(median(of(name)))).padStart(6)}/s` +
      `  (${low}–${high})  ${ratio.toFixed(2)} × ${base}`,
  );
}
