import type { Case } from '../../harness/case/case.js';

/**
 * Cases that differ in one value: the first so many stand for all and are always played, the others when depth is asked
 * for. Put the values first that real servers get wrong.
 */
export function varied<R extends string>(representatives: number, cases: readonly Case<R>[]): Case<R>[] {
  return cases.map((subject, index) => (index < representatives ? subject : { ...subject, deep: true }));
}
