import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { readSchema } from '../kit/kit.js';
import { killsByCase, type Matrix, type MutantRow, offencesOf, untried, updated } from './matrix.js';
import { matrixHtml } from './matrix-html.js';
import { matrixMarkdown } from './matrix-markdown.js';
import { writeMatrix } from './matrix-text.js';

const killed = (id: string, ...cases: readonly string[]): MutantRow => ({
  id,
  title: 'it does wrong',
  breaks: ['x.y'],
  fate: 'killed',
  kills: cases.map((subject) => ({ case: subject, sentences: ['x.y'] })),
});

const whole: Matrix = {
  format: 'webpush-conformance/matrix/1',
  kit: '0.1.0',
  seed: 7,
  scope: 'all',
  cases: ['a/1', 'a/2', 'a/3'],
  reference: [],
  mutants: [killed('m/1', 'a/1'), killed('m/2', 'a/2'), killed('m/3', 'a/3')],
};

const typesOf = (matrix: Matrix) => offencesOf(matrix).map(({ type, subject }) => `${type} ${subject}`);

describe('A matrix is red', () => {
  test('not when every mutant is killed, by few, and every case kills one', () => {
    expect(offencesOf(whole)).toEqual([]);
  });

  test('when a mutant survives; the sentences it breaks are named', () => {
    const survivor: MutantRow = { ...killed('m/4'), fate: 'survived', elsewhere: ['a/2'] };
    const matrix = { ...whole, mutants: [...whole.mutants, survivor] };
    expect(offencesOf(matrix)).toEqual([
      {
        type: 'survived',
        subject: 'm/4',
        detail: 'it does wrong, and no case on x.y notices; red on other sentences: a/2',
      },
    ]);
  });

  test('when a mutant is broken; the reason is named', () => {
    const broken: MutantRow = { ...killed('m/4'), fate: 'broken', reason: 'it hangs\nsomewhere' };
    expect(offencesOf({ ...whole, mutants: [...whole.mutants, broken] })).toEqual([
      { type: 'broken', subject: 'm/4', detail: 'it hangs' },
    ]);
  });

  test('when a case kills none', () => {
    expect(typesOf({ ...whole, cases: [...whole.cases, 'a/4'] })).toEqual(['idle a/4']);
  });

  test('not for that when only some mutants were tried', () => {
    expect(typesOf({ ...whole, scope: 'some', cases: [...whole.cases, 'a/4'] })).toEqual([]);
  });

  test('when more than a third of all cases kill a mutant, not when a third does', () => {
    const blunt = killed('m/4', 'a/1', 'a/2');
    expect(typesOf({ ...whole, mutants: [...whole.mutants, blunt] })).toEqual(['blunt m/4']);
  });

  test('when the reference does not pass a case', () => {
    const reference = [{ case: 'a/1', verdict: 'inconclusive', reason: 'silence' } as const];
    expect(offencesOf({ ...whole, reference })).toEqual([
      {
        type: 'reference',
        subject: 'a/1',
        detail: 'the unmodified reference does not pass: inconclusive, silence',
      },
    ]);
  });

  test('not for a MAY that the reference does not take up, nor when the case on it kills none', () => {
    const reference = [{ case: 'a/4', verdict: 'info' } as const];
    expect(offencesOf({ ...whole, cases: [...whole.cases, 'a/4'], reference })).toEqual([]);
  });
});

test('What came after the matrix is named', () => {
  const present = { cases: ['a/1', 'a/2', 'a/3', 'a/4'], mutants: ['m/1', 'm/2', 'm/3', 'm/5'] };
  expect(untried(whole, present).map(({ subject }) => subject)).toEqual(['m/5', 'a/4']);
});

test('A matrix is brought up to date: what was tried again counts anew, and what is no more is gone', () => {
  const older: Matrix = {
    ...whole,
    cases: ['a/0', ...whole.cases],
    reference: [
      { case: 'a/1', verdict: 'fail' },
      { case: 'a/2', verdict: 'info' },
    ],
    mutants: [killed('m/1', 'a/0', 'a/1'), killed('m/2', 'a/1'), killed('m/0', 'a/1')],
  };
  const fresh: Matrix = { ...whole, scope: 'some', mutants: [killed('m/2', 'a/2'), killed('m/3', 'a/3')] };
  expect(updated(older, fresh, { played: ['a/1', 'a/3'], all: ['m/1', 'm/2', 'm/3'] })).toEqual({
    ...whole,
    reference: [{ case: 'a/2', verdict: 'info' }],
  });
  expect(updated(older, fresh, { played: [], all: ['m/1', 'm/4'] }).scope).toBe('some');
});

test('The mutants that a case kills are found by the case', () => {
  expect([...killsByCase({ ...whole, mutants: [killed('m/1', 'a/1'), killed('m/2', 'a/1')] })]).toEqual([
    ['a/1', ['m/1', 'm/2']],
    ['a/2', []],
    ['a/3', []],
  ]);
});

describe('A matrix is written', () => {
  const difficult: Matrix = {
    ...whole,
    mutants: [{ ...killed('m/1', 'a/1'), title: 'it says "<|>&", {so}' }],
  };

  test('as JSON that its schema takes and that says the same', () => {
    const validate = new Ajv({ strict: true }).compile(readSchema('matrix'));
    const read = JSON.parse(writeMatrix(difficult));
    expect(validate(read), JSON.stringify(validate.errors)).toBe(true);
    expect(read).toEqual(difficult);
  });

  test('as Markdown in which no text breaks a table', () => {
    const rows = matrixMarkdown(difficult)
      .split('\n')
      .filter((line) => line.startsWith('| m/1'));
    expect(rows).toEqual(['| m/1 | it says "\\<\\|\\>&", {so} | x.y | 1: a/1 |']);
  });

  test('as HTML in which no text becomes an element', () => {
    const page = matrixHtml(difficult);
    expect(page).toContain('it says &quot;&lt;|&gt;&amp;&quot;, {so}');
    expect(page).toContain('<title>a/1 kills m/1: x.y</title>');
  });
});
