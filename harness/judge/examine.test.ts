import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RecordedRequest, Transcript } from '../transcript/transcript.js';
import type { Opened } from './evidence.js';
import { createEvidence, examineRequest, sameOpening } from './examine.js';
import { authorization, browser, defaultKey, forge, freshKeys, gcm, seal, transcriptOf } from './forge.js';
import { JudgeError } from './judge-error.js';
import { openWithNoble } from './open-with-noble.js';
import { openWithWebCrypto } from './open-with-webcrypto.js';
import { readVapid } from './token.js';
import { readKeys } from './user-agent-keys.js';

const vectors: readonly {
  readonly title: string;
  readonly input: Readonly<Record<'plaintext' | 'p256dh' | 'auth' | 'uaPrivate', string>>;
  readonly expected: { readonly body: string };
}[] = JSON.parse(readFileSync(new URL('../../vectors/rfc8291.json', import.meta.url), 'utf8')).groups.messages
  .tests;

const evidenceOf = (transcript: Transcript) => createEvidence(transcript, { isSentinel: () => false });

async function openedOf(transcript: Transcript): Promise<Opened> {
  const opened = (await evidenceOf(transcript)).allRequests.at(-1)?.opened;
  if (!opened) throw new Error('no request');
  return opened;
}

describe('Both implementations', () => {
  test.each(vectors)('open: $title', async ({ input, expected }) => {
    const entry = {
      kind: 'subscription',
      name: 'juliet/phone',
      endpoint: 'https://push.example/p',
      p256dh: input.p256dh,
      privateKey: input.uaPrivate,
      auth: input.auth,
    } as const;
    const body = new Uint8Array(Buffer.from(expected.body, 'base64url'));
    const opening = openWithNoble(body, readKeys(entry));
    expect(opening.ok && Buffer.from(opening.plaintext).toString('base64url')).toBe(input.plaintext);
    expect(sameOpening(opening, await openWithWebCrypto(body, readKeys(entry)))).toBe(true);
  });

  const user = browser();
  const keys = readKeys(user.entry);
  const good = seal(user, { record: (text) => Buffer.concat([text, Buffer.from([2, 0, 0])]) });

  test('come to the same result on arbitrary octets', async () => {
    const header = fc
      .tuple(
        fc.uint8Array({ minLength: 20, maxLength: 20 }),
        fc.uint8Array({ maxLength: 90 }),
        fc.uint8Array(),
      )
      .map(([start, keyid, rest]) => Uint8Array.from([...start, keyid.length, ...keyid, ...rest]));
    const changed = fc
      .tuple(fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 }), fc.nat(good.length))
      .map(([at, octet, length]) => {
        const copy = Uint8Array.from(good);
        copy[at] = octet;
        return copy.slice(0, length < good.length / 2 ? undefined : length);
      });
    const sealed = fc
      .uint8Array({ maxLength: 40 })
      .map((record) => new Uint8Array(seal(user, { record: () => Buffer.from(record) })));
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array(), header, changed, sealed), async (body) => {
        expect(sameOpening(openWithNoble(body, keys), await openWithWebCrypto(body, keys))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test('a difference in any part of the result is seen', () => {
    const one = { ok: true, plaintext: Uint8Array.of(1), padding: 0 } as const;
    expect(sameOpening(one, { ...one })).toBe(true);
    expect(sameOpening(one, { ...one, padding: 1 })).toBe(false);
    expect(sameOpening(one, { ...one, plaintext: Uint8Array.of(2) })).toBe(false);
    expect(sameOpening(one, { ok: false, stage: 'seal' })).toBe(false);
    expect(sameOpening({ ok: false, stage: 'key' }, { ok: false, stage: 'seal' })).toBe(false);
  });
});

describe('The evidence', () => {
  const user = browser();

  test('has each request taken apart and opened, and is the same from a stored transcript', async () => {
    const transcript = transcriptOf(user.entry, forge({ to: user }));
    const [request] = (await evidenceOf(transcript)).requests('juliet/phone');
    expect(request).toMatchObject({
      seq: 1,
      subscription: 'juliet/phone',
      endpoint: user.entry.endpoint,
      status: 201,
      coding: { recordSize: 4096 },
      opened: { ok: true, keys: 'current', padding: 0, json: { version: 1, body: 'New Message!' } },
      vapid: { key: defaultKey.k, verified: true, signatureOctets: 64, header: { alg: 'ES256' } },
      sentinel: false,
    });
    const stored = await evidenceOf(JSON.parse(JSON.stringify(transcript)));
    expect(stored.allRequests).toEqual([request]);
  });

  test('leaves sentinels and strays out of what judges count', async () => {
    const stray: RecordedRequest = { ...forge({ to: user }), target: '/push/case/nobody' };
    const sentinel = forge({ to: user, sealing: { plaintext: Buffer.from('{"from":"sentinel"}') } });
    const evidence = await createEvidence(transcriptOf(user.entry, stray, sentinel, forge({ to: user })), {
      isSentinel: (json, name) => name === 'juliet/phone' && JSON.stringify(json) === '{"from":"sentinel"}',
    });
    expect(evidence.requests().map(({ seq }) => seq)).toEqual([3]);
    expect(evidence.allRequests.map(({ seq, sentinel: is }) => [seq, is])).toEqual([
      [1, false],
      [2, true],
      [3, false],
    ]);
    expect(evidence.allRequests[0]?.opened).toMatchObject({ ok: false, fault: 'unattributed' });
  });

  test('counts no request that may be a sentinel and does not open', async () => {
    const sealed = forge({ to: user, sealing: { body: (body) => body.subarray(0, 90) } });
    const { entries, ...rest } = transcriptOf(user.entry, sealed);
    const place = { seq: entries.length, at: 0 };
    const fence = { kind: 'fence', fence: 'sentinel', state: 'lost', detail: '', took: 1, ...place } as const;
    const behindFence = await evidenceOf({ ...rest, entries: [...entries, fence] });
    expect(() => behindFence.requests('juliet/phone')).toThrow(expect.objectContaining({ code: 'hidden' }));
    expect((await evidenceOf(transcriptOf(user.entry, sealed))).requests('juliet/phone')).toHaveLength(1);
  });

  test('says with which keys a message opened when they have been replaced', async () => {
    const { p256dh, auth, privateKey } = freshKeys();
    const renewed = { ...user.entry, p256dh, auth, privateKey };
    const late = transcriptOf(user.entry, renewed, forge({ to: user }));
    expect(await openedOf(late)).toMatchObject({ ok: true, keys: 'replaced' });
    const early = transcriptOf(user.entry, forge({ to: user }), renewed);
    expect(await openedOf(early)).toMatchObject({ ok: true, keys: 'current' });
  });

  test('has stanzas parsed when they are well-formed by themselves, and steps by label', async () => {
    const stanza = (seq: number, xml: string) =>
      ({ seq, at: 0, kind: 'stanza', actor: 'romeo/desk', direction: 'sent', xml }) as const;
    const evidence = await evidenceOf({
      case: 'a/b',
      entries: [
        stanza(0, '<message to="a@b"><body>x &amp; y</body></message>'),
        stanza(1, '<stream:stream to="b">'),
        stanza(2, '<a x="1" x="2"/>'),
        stanza(3, '<a/><b/>'),
        { seq: 4, at: 0, kind: 'mark', label: 'told' },
      ],
    });
    const [message, ...others] = evidence.stanzas('romeo/desk', 'sent');
    expect(message?.element?.getChildText('body')).toBe('x & y');
    expect(others.map(({ element }) => element)).toEqual([undefined, undefined, undefined]);
    expect(evidence.stanzas('juliet/phone')).toEqual([]);
    expect(evidence.mark('told')).toBe(4);
    expect(() => evidence.mark('never')).toThrow(JudgeError);
  });

  test('opens the same request only once', () => {
    const transcript = transcriptOf(user.entry, forge({ to: user }));
    const entry = transcript.entries[1];
    if (entry?.kind !== 'request') throw new Error('no request');
    const options = { isSentinel: () => false };
    expect(examineRequest(transcript, entry, options)).toBe(examineRequest(transcript, entry, options));
  });

  test('refuses a transcript whose keys are none: that is no fault of a server', async () => {
    const entry = { ...user.entry, auth: 'AAAA' };
    await expect(evidenceOf(transcriptOf(entry, forge({ to: user })))).rejects.toMatchObject({
      code: 'broken-transcript',
    });
    const foreign = { ...user.entry, privateKey: freshKeys().privateKey };
    await expect(evidenceOf(transcriptOf(foreign, forge({ to: user })))).rejects.toMatchObject({
      code: 'broken-transcript',
    });
  });
});

describe('A message that does not open says why', () => {
  const user = browser();
  const other = browser('juliet/tablet');

  test.each([
    ['sealed for another device', /opens with the keys of juliet\/tablet/, seal(other)],
    [
      'a compressed key id',
      /compressed point of 33 octets.*the message opens/,
      seal(user, {
        keyid: (point) =>
          Buffer.concat([Buffer.from([2 + ((point.at(-1) ?? 0) & 1)]), point.subarray(1, 33)]),
      }),
    ],
    [
      'a cut tag',
      /cut to 12 octets/,
      seal(user, { seal: (key, nonce, record) => gcm(key, nonce, record).subarray(0, -4) }),
    ],
    [
      'delimiter 0x01',
      /0x01, which says that more records follow/,
      seal(user, { record: (text) => Buffer.concat([text, Buffer.from([1])]) }),
    ],
    [
      'info the wrong way round',
      /sender's key comes before the receiver's/,
      seal(user, { info: (ua, as) => Buffer.concat([Buffer.from('WebPush: info\0'), as, ua]) }),
    ],
    ['plain JSON', /readable text.*New Message/, Buffer.from('{"body":"New Message!"}')],
    [
      'noise',
      /nor with any common mistake/,
      seal(user, { salt: randomBytes(16), nonce: () => randomBytes(12) }),
    ],
  ])('%s', async (_, reason, body) => {
    const opened = await openedOf(transcriptOf(other.entry, user.entry, forge({ to: user, body })));
    expect(opened.ok ? '' : opened.reason).toMatch(reason);
  });

  test('with any body at all, and never throws', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 120 }), async (octets) => {
        const body = Buffer.from(octets);
        const opened = await openedOf(transcriptOf(user.entry, forge({ to: user, body })));
        expect(opened.ok ? '' : opened.reason).not.toBe('');
      }),
      { numRuns: 50 },
    );
  });
});

describe('A token', () => {
  test('is verified again when only its key differs', async () => {
    const field = authorization('https://push.example');
    expect((await readVapid([field])).verified).toBe(true);
    const other = browser().entry.p256dh;
    expect((await readVapid([field.replace(/k=.*/, `k=${other}`)])).verified).toBe(false);
  });

  test('that cannot be read is reported as far as it goes, whatever the field is', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `vapid t=${text}, k=${text}`),
        ),
        async (field) => {
          expect((await readVapid([field])).verified).not.toBe(true);
        },
      ),
      { numRuns: 200 },
    );
    expect(await readVapid(['vapid t=a.b, k=c'])).toEqual({
      fields: ['vapid t=a.b, k=c'],
      token: 'a.b',
      key: 'c',
    });
  });
});
