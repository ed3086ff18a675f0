/**
 * How many states an automaton for a pattern (XML Schema Part 2, appendix F) has, about: repetitions within repetitions
 * multiply.
 */
export function patternCost(pattern: string): number {
  const sums = [0];
  let last = 0;
  const add = (cost: number): void => {
    sums[sums.length - 1] = (sums.at(-1) ?? 0) + cost;
    last = cost;
  };
  for (const [piece] of pattern.matchAll(/\\.|\[(?:\\.|[^\]\\])*\]|\{\d+(?:,\d*)?\}|[\s\S]/g)) {
    const repetitions = /^\{(\d+)(?:,(\d*))?\}$/.exec(piece);
    if (repetitions) {
      const times = Math.max(Number(repetitions[1]), Number(repetitions[2] ?? 0), 1);
      add(last * (times - 1));
      last *= times;
    } else if (piece === '(') sums.push(0);
    else if (piece === ')' && sums.length > 1) add(sums.pop() ?? 0);
    else if (!/^[?*+|]$/.test(piece)) add(1);
  }
  return sums.reduce((sum, cost) => sum + cost, 0);
}
