import { describe, expect, test } from 'vitest';
import { createEvidence } from '../../harness/judge/examine.js';
import { browser, type Forgery, forge, seal, transcriptOf } from '../../harness/judge/forge.js';
import { oneMessage, twoDevices } from './plays.js';
import { requestsOf, shown } from './wire.js';

const to = browser();

async function evidenceOf(...forgeries: readonly Omit<Forgery, 'to'>[]) {
  const transcript = transcriptOf(to.entry, ...forgeries.map((forgery) => forge({ to, ...forgery })));
  return createEvidence(transcript, { isSentinel: () => false });
}

/** Another last octet: writing a fixed one would change nothing once in 256 times. */
const unreadable = {
  body: Buffer.from(seal(to).map((octet, index, { length }) => (index === length - 1 ? octet ^ 1 : octet))),
};

describe('What the requests of a play show', () => {
  test('is nothing when fewer came than the play causes', async () => {
    const evidence = await evidenceOf({});
    expect(requestsOf(evidence, oneMessage)).toHaveLength(1);
    expect(() => requestsOf(evidence, twoDevices)).toThrow('1 of 2 requests came');
  });

  test('is one finding for each sentence, of all requests', async () => {
    const evidence = await evidenceOf({}, {}, {});
    const findings = shown(evidence, evidence.requests(), ['rfc8030.post', 'rfc8188.salt-random']);
    expect(findings.map(({ requirement, met }) => [requirement, met])).toEqual([
      ['rfc8030.post', true],
      ['rfc8188.salt-random', true],
    ]);
    expect(findings.map(({ evidence: seqs }) => seqs)).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
  });

  test('is the break when one request of several breaks a sentence', async () => {
    const evidence = await evidenceOf({}, { fields: { ttl: '60s' } }, {});
    expect(shown(evidence, evidence.requests(), ['rfc8030.ttl-digits'])).toMatchObject([
      { met: false, actual: 'TTL: 60s', evidence: [2] },
    ]);
  });

  test('is nothing on a sentence that an earlier break hides, and the reason names that break', async () => {
    const evidence = await evidenceOf({}, unreadable);
    const judge = () => shown(evidence, evidence.requests(), ['rfc8188.padding']);
    expect(judge).toThrow(
      /^rfc8188\.padding cannot be judged by this request: .*expected: a message that opens/,
    );
    expect(judge).toThrow(expect.objectContaining({ code: 'hidden' }));
  });

  test('is a break even when another sentence is hidden', async () => {
    const evidence = await evidenceOf({ fields: { authorization: 'Bearer x' } });
    const findings = shown(evidence, evidence.requests(), ['rfc8292.authorization', 'rfc8292.parameters']);
    expect(findings).toMatchObject([{ requirement: 'rfc8292.authorization', met: false }]);
  });

  test('includes what was asked of a URL that nobody was given, beside the one that was', async () => {
    const evidence = await evidenceOf({ request: { target: '/push' } });
    const requests = requestsOf(evidence, oneMessage);
    expect(shown(evidence, requests, ['rfc8030.push-resource'])).toMatchObject([
      { met: false, evidence: [0, 1] },
    ]);
  });
});
