import type { Verdict } from '../judge/verdict.js';
import type { CaseResult } from '../run/result.js';
import type { Mutant } from './mutant.js';
import type { Fate, Kill } from './trial.js';

/** Which case kills which mutant: what `mutants run` gives. */
export interface Matrix {
  readonly format: 'webpush-conformance/matrix/1';
  /** The kit's version. */
  readonly kit: string;
  readonly seed: number;
  /** `all` the mutants there are, or only `some`: then nothing is said on cases that kill none. */
  readonly scope: 'all' | 'some';
  /** Ids of every case there is. */
  readonly cases: readonly string[];
  /** Where the reference, as it is, does not pass. */
  readonly reference: readonly ReferenceRow[];
  readonly mutants: readonly MutantRow[];
}

export interface ReferenceRow {
  readonly case: string;
  readonly verdict: Verdict;
  readonly reason?: string;
}

export interface MutantRow {
  readonly id: string;
  readonly title: string;
  readonly breaks: readonly string[];
  readonly fate: Fate['type'];
  /** Why it is broken. */
  readonly reason?: string;
  /** Cases that were red on other sentences, when it survived. */
  readonly elsewhere?: readonly string[];
  readonly kills: readonly Kill[];
}

/** Something about the mutants or the cases that makes the matrix red. */
export interface Offence {
  readonly type: 'reference' | 'survived' | 'broken' | 'blunt' | 'idle' | 'untried';
  /** The case or the mutant. */
  readonly subject: string;
  readonly detail: string;
}

/** A mutant that more of the cases notice than this is too blunt to show what a single case is good for. */
const bluntAbove = 1 / 3;

export function referenceRows(results: readonly CaseResult[]): readonly ReferenceRow[] {
  return results
    .filter(({ verdict }) => verdict !== 'pass')
    .map(({ id, verdict, reason }) => ({ case: id, verdict, ...(reason === undefined ? {} : { reason }) }))
    .sort((one, other) => (one.case < other.case ? -1 : 1));
}

export function mutantRow({ id, title, breaks }: Mutant, fate: Fate): MutantRow {
  const told = { id, title, breaks, fate: fate.type };
  switch (fate.type) {
    case 'killed':
      return { ...told, kills: fate.kills };
    case 'survived':
      return { ...told, elsewhere: fate.elsewhere, kills: [] };
    case 'broken':
      return { ...told, reason: fate.reason, kills: [] };
  }
}

/** How many mutants each case kills, for every case of the matrix. */
export function killsByCase({ cases, mutants }: Matrix): ReadonlyMap<string, readonly string[]> {
  const kills = new Map<string, string[]>(cases.map((id) => [id, []]));
  for (const { id, kills: own } of mutants) for (const kill of own) kills.get(kill.case)?.push(id);
  return kills;
}

/** What is wrong, the gravest first. */
export function offencesOf(matrix: Matrix): readonly Offence[] {
  const { reference, mutants, scope } = matrix;
  const rows = (type: Fate['type']) => mutants.filter(({ fate }) => fate === type);
  const bound = Math.floor(matrix.cases.length * bluntAbove);
  return [
    ...reference
      .filter(({ verdict }) => verdict !== 'info')
      .map(
        ({ case: subject, verdict, reason }): Offence => ({
          type: 'reference',
          subject,
          detail: `the unmodified reference does not pass: ${verdict}${reason === undefined ? '' : `, ${firstLine(reason)}`}`,
        }),
      ),
    ...rows('survived').map(
      ({ id, title, breaks, elsewhere = [] }): Offence => ({
        type: 'survived',
        subject: id,
        detail: `${title}, and no case on ${breaks.join(', ')} notices${
          elsewhere.length > 0 ? `; red on other sentences: ${elsewhere.slice(0, 5).join(' ')}` : ''
        }`,
      }),
    ),
    ...rows('broken').map(
      ({ id, reason = '' }): Offence => ({ type: 'broken', subject: id, detail: firstLine(reason) }),
    ),
    ...mutants
      .filter(({ kills }) => kills.length > bound)
      .map(
        ({ id, kills }): Offence => ({
          type: 'blunt',
          subject: id,
          detail: `${kills.length} of ${matrix.cases.length} cases notice it, more than a third`,
        }),
      ),
    ...(scope === 'all' ? idleCases(matrix) : []).map(
      (subject): Offence => ({ type: 'idle', subject, detail: 'it kills no mutant' }),
    ),
  ];
}

/** A case on what a server may do or leave is never red, so it need not kill anything where the reference leaves it. */
function idleCases(matrix: Matrix): readonly string[] {
  const optional = new Set(matrix.reference.flatMap((row) => (row.verdict === 'info' ? [row.case] : [])));
  return [...killsByCase(matrix)]
    .filter(([id, kills]) => kills.length === 0 && !optional.has(id))
    .map(([id]) => id);
}

/**
 * A matrix brought up to date with what was tried since: mutants and cases that are no more are left out of it.
 *
 * @param fresh the newer one, of some mutants or of all.
 * @param known.played the cases that were played on the reference for it.
 * @param known.all every mutant that there is now, in order.
 */
export function updated(
  older: Matrix,
  fresh: Matrix,
  known: { readonly played: readonly string[]; readonly all: readonly string[] },
): Matrix {
  const { played, all } = known;
  const rows = new Map([...older.mutants, ...fresh.mutants].map((row) => [row.id, row]));
  const isCase = new Set(fresh.cases);
  const mutants = all.flatMap((id) => {
    const row = rows.get(id);
    return row ? [{ ...row, kills: row.kills.filter((kill) => isCase.has(kill.case)) }] : [];
  });
  const reference = older.reference.filter((row) => isCase.has(row.case) && !played.includes(row.case));
  return {
    ...fresh,
    scope: mutants.length === all.length ? 'all' : 'some',
    reference: [...reference, ...fresh.reference].sort((one, other) => (one.case < other.case ? -1 : 1)),
    mutants,
  };
}

/** What the matrix does not know of yet: cases and mutants that came after it. */
export function untried(
  matrix: Matrix,
  present: { readonly cases: readonly string[]; readonly mutants: readonly string[] },
): readonly Offence[] {
  const mutants = new Set(matrix.mutants.map(({ id }) => id));
  const cases = new Set(matrix.cases);
  return [
    ...present.mutants.filter((id) => !mutants.has(id)),
    ...present.cases.filter((id) => !cases.has(id)),
  ].map((subject): Offence => ({ type: 'untried', subject, detail: 'it is not in the matrix' }));
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
