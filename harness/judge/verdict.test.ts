import { describe, expect, test } from 'vitest';
import type { Catalogue, Level } from '../case/requirement.js';
import type { Finding } from './finding.js';
import { JudgeError } from './judge-error.js';
import { decide } from './verdict.js';

const catalogue: Catalogue = new Map(
  (['MUST', 'MUST NOT', 'SHOULD', 'SHOULD NOT', 'MAY'] as const).map((level: Level) => [
    level,
    { id: level, level, sentence: '', document: 'RFC 0', section: '1' },
  ]),
);

const finding = (requirement: string, met: boolean): Finding => ({
  requirement,
  met,
  expected: '',
  actual: '',
  evidence: [],
});

const held = { fence: 'sentinel', state: 'held', detail: '' } as const;
const lost = { fence: 'sentinel', state: 'lost', detail: 'through juliet/phone' } as const;

describe('a verdict follows the gravest broken sentence', () => {
  test.each([
    ['MUST', 'fail'],
    ['MUST NOT', 'fail'],
    ['SHOULD', 'warn'],
    ['SHOULD NOT', 'warn'],
    ['MAY', 'info'],
  ] as const)('a broken %s is a %s', (level, verdict) => {
    const performance = { findings: [finding(level, false)], fences: [] };
    expect(decide({ requirements: [level] }, performance, catalogue).verdict).toBe(verdict);
  });

  test('a broken MUST outweighs a broken SHOULD', () => {
    const findings = [finding('SHOULD', false), finding('MUST', false)];
    const decision = decide({ requirements: ['MUST', 'SHOULD'] }, { findings, fences: [] }, catalogue);
    expect(decision.verdict).toBe('fail');
  });

  test('what was seen broken stays broken though the play stopped early and a fence was lost', () => {
    const performance = { findings: [finding('MUST', false)], fences: [lost], stopped: 'silence' };
    expect(decide({ requirements: ['MUST'] }, performance, catalogue).verdict).toBe('fail');
  });
});

describe('nothing unproved is a pass', () => {
  test('a case with a finding for each of its sentences, all kept, passes', () => {
    const performance = { findings: [finding('MUST', true)], fences: [held] };
    const decision = decide({ requirements: ['MUST'], absence: 'sentinel' }, performance, catalogue);
    expect(decision).toEqual({ verdict: 'pass' });
  });

  test('a lost fence is inconclusive', () => {
    const performance = { findings: [finding('MUST', true)], fences: [held, lost] };
    expect(decide({ requirements: ['MUST'] }, performance, catalogue)).toEqual({
      verdict: 'inconclusive',
      reason: 'the sentinel fence was lost: through juliet/phone',
    });
  });

  test('a play that the target stopped is inconclusive and says why', () => {
    const performance = { findings: [finding('MUST', true)], fences: [], stopped: 'no answer to enable' };
    expect(decide({ requirements: ['MUST'] }, performance, catalogue)).toEqual({
      verdict: 'inconclusive',
      reason: 'no answer to enable',
    });
  });

  test.each([
    ['no finding at all', [], [held], /said nothing on MUST$/],
    ['a sentence without a finding', [finding('MUST', true)], [held], /said nothing on SHOULD$/],
    [
      'a finding on a sentence the case does not name',
      [finding('MUST', true), finding('SHOULD', true), finding('MAY', true)],
      [held],
      /on MAY, which the case does not name$/,
    ],
    [
      'a broken sentence the case does not name',
      [finding('MUST', true), finding('SHOULD', true), finding('MUST NOT', false)],
      [held],
      /on MUST NOT, which the case does not name$/,
    ],
    [
      'an absence without a fence',
      [finding('MUST', true), finding('SHOULD', true)],
      [],
      /claims an absence but put up no sentinel fence$/,
    ],
    [
      'an absence with a fence of another kind',
      [finding('MUST', true), finding('SHOULD', true)],
      [{ ...held, fence: 'ping' as const }],
      /put up no sentinel fence$/,
    ],
  ] as const)('%s is an error of the suite', (_, findings, fences, reason) => {
    const subject = { requirements: ['MUST', 'SHOULD'], absence: 'sentinel' } as const;
    const decision = decide(subject, { findings, fences }, catalogue);
    expect(decision).toEqual({ verdict: 'error', reason: expect.stringMatching(reason) });
  });

  test('a finding that claims an absence needs a case that names its fence', () => {
    const performance = {
      findings: [{ ...finding('MUST', true), claimsAbsence: true as const }, finding('MUST', true)],
      fences: [held],
    };
    expect(decide({ requirements: ['MUST'] }, performance, catalogue)).toEqual({
      verdict: 'error',
      reason: 'the judge claims an absence, but the case names no fence',
    });
    expect(decide({ requirements: ['MUST'], absence: 'sentinel' }, performance, catalogue).verdict).toBe(
      'pass',
    );
  });

  test('a sentence that is not in the catalogue is an error of the suite', () => {
    for (const met of [true, false]) {
      const performance = { findings: [finding('invented', met)], fences: [] };
      expect(decide({ requirements: ['invented'] }, performance, catalogue)).toEqual({
        verdict: 'error',
        reason: 'invented is not in the catalogue',
      });
    }
  });
});

test('A fault of a judge is told from others by its name and code', () => {
  const cause = new Error('why');
  expect(new JudgeError('hidden', 'not to be seen', { cause })).toMatchObject({
    name: 'JudgeError',
    code: 'hidden',
    message: 'not to be seen',
    cause,
  });
});
