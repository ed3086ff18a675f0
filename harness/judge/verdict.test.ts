import { describe, expect, test } from 'vitest';
import type { Catalogue, Level } from '../case/requirement.js';
import type { Finding } from './finding.js';
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
    expect(decide({ requirements: ['MUST'] }, performance, catalogue).verdict).toBe('inconclusive');
  });

  test('a play that the target stopped is inconclusive and says why', () => {
    const performance = { findings: [finding('MUST', true)], fences: [], stopped: 'no answer to enable' };
    expect(decide({ requirements: ['MUST'] }, performance, catalogue)).toEqual({
      verdict: 'inconclusive',
      reason: 'no answer to enable',
    });
  });

  test.each([
    ['no finding at all', [], undefined],
    ['a sentence without a finding', [finding('MUST', true)], undefined],
    ['a finding on a sentence the case does not name', [finding('MAY', true)], undefined],
    ['an absence without its fence', [finding('MUST', true), finding('SHOULD', true)], 'sentinel'],
  ] as const)('%s is an error of the suite', (_, findings, absence) => {
    const subject = { requirements: ['MUST', 'SHOULD'] as const, ...(absence ? { absence } : {}) };
    expect(decide(subject, { findings, fences: [] }, catalogue).verdict).toBe('error');
  });

  test('a finding that claims an absence needs a case that names its fence', () => {
    const performance = {
      findings: [{ ...finding('MUST', true), claimsAbsence: true as const }],
      fences: [held],
    };
    expect(decide({ requirements: ['MUST'] }, performance, catalogue).verdict).toBe('error');
    expect(decide({ requirements: ['MUST'], absence: 'sentinel' }, performance, catalogue).verdict).toBe(
      'pass',
    );
  });

  test('a sentence that is not in the catalogue is an error of the suite', () => {
    const performance = { findings: [finding('invented', true)], fences: [] };
    expect(decide({ requirements: ['invented'] }, performance, catalogue).verdict).toBe('error');
  });
});
