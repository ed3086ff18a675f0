import { randomBytes, webcrypto } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { FenceKind, RecordedAnswer, RecordedRequest, Transcript } from '../transcript/transcript.js';
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

describe('A request', () => {
  const user = browser('juliet/phone', { path: '/push/case/a' });
  const body = seal(user);
  const examinedWith = async (transcript: Transcript) => {
    const request = (await evidenceOf(transcript)).allRequests.at(-1);
    if (!request) throw new Error('no request');
    return request;
  };
  const forged = (change: Partial<RecordedRequest> = {}) => forge({ to: user, body, request: change });

  test('has its octets, and its header where that is whole', async () => {
    const salt = Buffer.from('0123456789abcdef');
    const keyid = (octets: number) => ({
      salt,
      keyid: () => Buffer.alloc(octets, 7),
      seal: () => Buffer.alloc(0),
    });
    const codingOf = async (octets: Buffer) => {
      const examined = await examinedWith(transcriptOf(user.entry, forge({ to: user, body: octets })));
      expect(Buffer.from(examined.body).equals(octets)).toBe(true);
      return examined.coding;
    };
    expect(await codingOf(seal(user, { ...keyid(5), recordSize: 77 }))).toEqual({
      salt: new Uint8Array(salt),
      recordSize: 77,
      keyid: new Uint8Array(5).fill(7),
    });
    expect(await codingOf(seal(user, keyid(0)))).toMatchObject({ keyid: new Uint8Array() });
    expect(await codingOf(seal(user, keyid(5)).subarray(0, 25))).toBe(undefined);
    expect(await codingOf(Buffer.alloc(20, 0xff))).toBe(undefined);
  });

  test('has what it was answered with, if that was a status', async () => {
    const transcript = transcriptOf(user.entry, forged());
    const answered = (answer: RecordedAnswer): Transcript => ({
      ...transcript,
      entries: transcript.entries.map((entry) => (entry.kind === 'request' ? { ...entry, answer } : entry)),
    });
    expect(await examinedWith(answered({ type: 'status', status: 404 }))).toMatchObject({ status: 404 });
    expect('status' in (await examinedWith(answered({ type: 'hang' })))).toBe(false);
  });

  test('has the Authorization fields, whichever way they are written, and no others', async () => {
    const headers = [
      ['Authorization', 'Basic a'],
      ['X-Authorization', 'Basic b'],
      ['authorization-x', 'Basic c'],
      ['authorization', 'Basic d'],
    ] as const;
    const examined = await examinedWith(transcriptOf(user.entry, forged({ headers })));
    expect(examined.vapid.fields).toEqual(['Basic a', 'Basic d']);
  });

  test('to an endpoint that nobody was given has none, and no keys', async () => {
    const stray = await examinedWith(transcriptOf(user.entry, forged({ target: '/push/case/b' })));
    expect('subscription' in stray || 'endpoint' in stray).toBe(false);
    expect(stray.opened).toEqual({
      ok: false,
      fault: 'unattributed',
      reason: 'nobody was given this endpoint, so there are no keys to open it',
    });
  });

  test('that is not whole is not opened, nor is one without a body', async () => {
    expect(await openedOf(transcriptOf(user.entry, forged({ complete: false })))).toEqual({
      ok: false,
      fault: 'incomplete',
      reason: `the request ended after ${body.length} octets of its body`,
    });
    expect(await openedOf(transcriptOf(user.entry, forged({ body: '' })))).toEqual({
      ok: false,
      fault: 'no-body',
      reason: 'the request has no body',
    });
  });

  test('has its plaintext as JSON when it is that', async () => {
    const jsonOf = async (plaintext: Buffer) =>
      openedOf(transcriptOf(user.entry, forge({ to: user, sealing: { plaintext } })));
    expect(await jsonOf(Buffer.from('["ü"]'))).toMatchObject({ ok: true, json: ['ü'] });
    for (const plaintext of ['{', '\ufeff{}', '']) {
      expect('json' in (await jsonOf(Buffer.from(plaintext)))).toBe(false);
    }
    expect('json' in (await jsonOf(Buffer.from([0x22, 0xff, 0x22])))).toBe(false);
  });

  test('is told to be a sentinel by its plaintext and subscription', async () => {
    const seen: unknown[] = [];
    const transcript = transcriptOf(user.entry, forged());
    const { allRequests } = await createEvidence(transcript, {
      isSentinel: (...all) => {
        seen.push(all);
        return true;
      },
    });
    expect(seen).toEqual([[{ version: 1, body: 'New Message!' }, 'juliet/phone']]);
    expect(allRequests[0]).toMatchObject({ sentinel: true, opened: { ok: true, keys: 'current' } });
  });
});

describe('A device that subscribed more than once', () => {
  const [first, second] = ['/push/case/a', '/push/case/b'].map((path) => browser('juliet/phone', { path }));
  if (!first || !second) throw new Error('no browsers');

  test('has its requests opened with the keys of the endpoint they came to', async () => {
    const transcript = transcriptOf(first.entry, second.entry, forge({ to: first }), forge({ to: second }));
    const { allRequests } = await evidenceOf(transcript);
    expect(allRequests).toMatchObject([
      { endpoint: first.entry.endpoint, opened: { ok: true, keys: 'current' } },
      { endpoint: second.entry.endpoint, opened: { ok: true, keys: 'current' } },
    ]);
    const absolute = forge({ to: first, request: { target: first.entry.endpoint } });
    const { entries, ...rest } = transcriptOf(first.entry, second.entry, absolute);
    const named = entries.map((entry) =>
      entry.kind === 'request' ? { ...entry, subscription: 'juliet/phone' } : entry,
    );
    expect((await evidenceOf({ ...rest, entries: named })).allRequests).toMatchObject([
      { endpoint: first.entry.endpoint, opened: { ok: true, keys: 'current' } },
    ]);
  });

  test('has a request to none of its endpoints opened with any of its keys, the newest first', async () => {
    const lost = forge({ to: first, request: { target: '/elsewhere' } });
    const { entries, ...rest } = transcriptOf(first.entry, second.entry, lost);
    const named = entries.map((entry) =>
      entry.kind === 'request' ? { ...entry, subscription: 'juliet/phone' } : entry,
    );
    expect((await evidenceOf({ ...rest, entries: named })).allRequests).toMatchObject([
      { endpoint: second.entry.endpoint, opened: { ok: true, keys: 'replaced' } },
    ]);
  });

  test('had no keys before it subscribed, nor those of others', async () => {
    const tablet = browser('juliet/tablet', { path: '/push/case/c' });
    const { entries, ...rest } = transcriptOf(first.entry, tablet.entry, forge({ to: tablet }), second.entry);
    const misnamed = entries.map((entry) =>
      entry.kind === 'request' ? { ...entry, subscription: 'juliet/phone' } : entry,
    );
    expect((await evidenceOf({ ...rest, entries: misnamed })).allRequests).toMatchObject([
      {
        endpoint: first.entry.endpoint,
        opened: {
          ok: false,
          fault: 'wrong-keys',
          reason: 'the message opens with the keys of juliet/tablet, not with those of this endpoint',
        },
      },
    ]);
  });

  test('is not said to have been meant by what came before it had the keys for it', async () => {
    const early = transcriptOf(first.entry, forge({ to: first, body: seal(second) }), second.entry);
    expect((await evidenceOf(early)).allRequests[0]?.opened).toMatchObject({ ok: false, fault: 'unknown' });
  });

  test('has a message for its old keys judged by these where only its delimiter is wrong', async () => {
    const renewed = { ...first.entry, ...freshKeys() };
    const undelimited = forge({ to: first, sealing: { record: (text) => text } });
    expect(await openedOf(transcriptOf(first.entry, renewed, undelimited))).toMatchObject({
      ok: false,
      fault: 'delimiter',
    });
  });

  test('has a message that no keys open judged by the newest', async () => {
    const renewed = browser('juliet/phone', { path: '/push/case/a' });
    const swapped = forge({ to: renewed, sealing: { hash: 'sha1' } });
    expect(await openedOf(transcriptOf(first.entry, renewed.entry, swapped))).toMatchObject({
      ok: false,
      fault: 'content-key',
    });
  });
});

describe('Requests', () => {
  const [phone, tablet] = ['juliet/phone', 'juliet/tablet'].map((name) => browser(name));
  if (!phone || !tablet) throw new Error('no browsers');

  test('are those of one subscription, or all that belong to any', async () => {
    const stray = forge({ to: phone, request: { target: '/push/case/nobody' } });
    const evidence = await evidenceOf(
      transcriptOf(phone.entry, tablet.entry, forge({ to: phone }), forge({ to: tablet }), stray),
    );
    const seqs = (name?: string) => evidence.requests(name).map(({ seq }) => seq);
    expect([seqs(), seqs('juliet/phone'), seqs('juliet/tablet'), seqs('nurse/desk')]).toEqual([
      [2, 3],
      [2],
      [3],
      [],
    ]);
    expect(evidence.allRequests).toHaveLength(3);
  });

  test('are not told from sentinels where they do not open, and only there', async () => {
    const sealed = forge({ to: phone, body: Buffer.alloc(20, 0xff) });
    const { entries, ...rest } = transcriptOf(phone.entry, tablet.entry, forge({ to: tablet }), sealed);
    const behind = (fence: FenceKind) => {
      const place = { seq: entries.length, at: 0 };
      const entry = { kind: 'fence', fence, state: 'held', detail: '', took: 1, ...place } as const;
      return evidenceOf({ ...rest, entries: [...entries, entry] });
    };
    const evidence = await behind('sentinel');
    expect(() => evidence.requests()).toThrow(
      new JudgeError(
        'hidden',
        "request 3 may be a sentinel's, but it cannot be told: the body ends after 20 octets, within the 21 octets of salt, record size and length of the key id",
      ),
    );
    expect(evidence.requests('juliet/tablet')).toHaveLength(1);
    expect((await behind('ping')).requests()).toHaveLength(2);
    expect(evidence.fences).toEqual([evidence.entries.at(-1)]);
  });
});

describe('Stanzas', () => {
  const stanza = (seq: number, actor: string, direction: 'sent' | 'received') =>
    ({ seq, at: seq, kind: 'stanza', actor, direction, xml: `<s${seq}/>` }) as const;
  const transcript: Transcript = {
    case: 'area/topic',
    entries: [
      stanza(0, 'romeo/desk', 'sent'),
      stanza(1, 'juliet/phone', 'received'),
      { seq: 2, at: 2, kind: 'mark', label: 'romeo/desk' },
      stanza(3, 'romeo/desk', 'received'),
    ],
  };

  test('are those of an actor, of a direction, or all', async () => {
    const { stanzas } = await evidenceOf(transcript);
    expect(stanzas().map(({ seq }) => seq)).toEqual([0, 1, 3]);
    expect(stanzas('romeo/desk').map(({ seq }) => seq)).toEqual([0, 3]);
    expect(stanzas('romeo/desk', 'received').map(({ seq }) => seq)).toEqual([3]);
    expect(stanzas(undefined, 'received').map(({ seq }) => seq)).toEqual([1, 3]);
  });

  test('are parsed once', async () => {
    const [first] = (await evidenceOf(transcript)).stanzas();
    expect(first).toMatchObject({ seq: 0, at: 0, actor: 'romeo/desk', direction: 'sent', xml: '<s0/>' });
    expect(first?.element?.toString()).toBe('<s0/>');
    expect(first?.element).toBe(first?.element);
  });

  test('are no steps, and a step that is not there is a fault of the suite', async () => {
    const evidence = await evidenceOf(transcript);
    expect(evidence.case).toBe('area/topic');
    expect(evidence.mark('romeo/desk')).toBe(2);
    expect(() => evidence.mark('juliet/phone')).toThrow(
      new JudgeError('unknown-mark', 'the case area/topic has no step "juliet/phone"'),
    );
  });
});

describe('The two implementations', () => {
  afterEach(() => void vi.restoreAllMocks());
  const user = browser();

  test('are both heard, and a difference between them is a fault of the kit', async () => {
    vi.spyOn(webcrypto.subtle, 'decrypt').mockRejectedValue(new Error());
    const sealing = {
      plaintext: Buffer.from('text'),
      record: (text: Buffer) => Buffer.concat([text, Buffer.from([2, 0])]),
    };
    await expect(evidenceOf(transcriptOf(user.entry, forge({ to: user, sealing })))).rejects.toMatchObject({
      code: 'judges-disagree',
      message:
        'request 1: @noble says it opens to dGV4dA and 1 octets of padding, WebCrypto says it fails at its seal',
    });
  });

  test('are both heard on keys that were replaced, too', async () => {
    const renewed = { ...user.entry, ...freshKeys() };
    const decrypt = vi.spyOn(webcrypto.subtle, 'decrypt').mockRejectedValue(new Error());
    await expect(evidenceOf(transcriptOf(user.entry, renewed, forge({ to: user })))).rejects.toMatchObject({
      code: 'judges-disagree',
    });
    expect(decrypt).toHaveBeenCalledTimes(2);
  });

  test('are asked once each where they agree', async () => {
    const decrypt = vi.spyOn(webcrypto.subtle, 'decrypt');
    await evidenceOf(transcriptOf(user.entry, forge({ to: user })));
    expect(decrypt).toHaveBeenCalledTimes(1);
  });

  test('say so when the keys are none', async () => {
    const foreign = { ...user.entry, privateKey: freshKeys().privateKey };
    await expect(evidenceOf(transcriptOf(foreign, forge({ to: user })))).rejects.toMatchObject({
      message: 'WebCrypto does not take the keys of juliet/phone',
      cause: expect.any(Error),
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
