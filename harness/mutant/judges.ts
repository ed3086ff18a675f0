/**
 * Every function that gives findings is a judge. Here each can be taken out of compiled modules, one at a time: what it
 * finds broken then counts as kept.
 */

/** What instrumented modules look at. */
export interface Probe {
  /** The judge that is out. */
  out: string | undefined;
  /** The judges that found something broken. */
  readonly asked: Set<string>;
}

/** Under this name the probe is a global of the thread in which instrumented modules run. */
export const probeName = 'judgeProbe';

/**
 * A compiled module whose functions at the top level go through `askJudge`.
 *
 * @param file names them, with their own name: `suites/scene/judge.js pushes`.
 */
export function instrumented(source: string, file: string): string {
  return source.replace(
    /^(export )?(async )?function (\w+)\(/gm,
    (_, exported = '', isAsync = '', name: string) =>
      `${exported}${isAsync}function ${name}(...input) { return globalThis.${probeName}.ask(${JSON.stringify(`${file} ${name}`)}, ${name}$whole, input); }\n` +
      `${isAsync}function ${name}$whole(`,
  );
}

/** Makes the probe of this thread. */
export function createProbe(): Probe & { readonly ask: typeof ask } {
  const probe = { out: undefined as string | undefined, asked: new Set<string>(), ask };
  return probe;

  function ask<Result>(
    name: string,
    judge: (...input: unknown[]) => Result,
    input: readonly unknown[],
  ): Result {
    const isOut = probe.out === name;
    // Some judges hand their findings to a function they are given.
    const heard = input.map((given) =>
      typeof given === 'function'
        ? (...said: unknown[]) => {
            if (!isFindingSaid(said)) return given(...said);
            if (said[1] === false) probe.asked.add(name);
            return given(...(isOut ? [said[0], true, ...said.slice(2)] : said));
          }
        : given,
    );
    const result = judge(...heard);
    const findings = findingsIn(result);
    if (findings.some(({ met }) => !met)) probe.asked.add(name);
    return isOut && findings.length > 0 ? (kept(result) as Result) : result;
  }
}

interface Met {
  readonly requirement: string;
  readonly met: boolean;
}

function findingsIn(value: unknown): readonly Met[] {
  if (Array.isArray(value)) return value.flatMap(findingsIn);
  return isFinding(value) ? [value] : [];
}

function kept(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(kept);
  return isFinding(value) ? { ...value, met: true } : value;
}

function isFinding(value: unknown): value is Met {
  return (
    typeof value === 'object' &&
    value !== null &&
    'requirement' in value &&
    'met' in value &&
    'expected' in value &&
    typeof value.met === 'boolean'
  );
}

/** `find(requirement, met, expected, actual)`. */
function isFindingSaid(said: readonly unknown[]): boolean {
  return said.length >= 4 && typeof said[0] === 'string' && typeof said[1] === 'boolean';
}
