/** A file as it is written. */
export interface SourceFile {
  /** `suites/scene/steps.ts` */
  readonly file: string;
  readonly text: string;
}

const timers = /\b(?:setTimeout|setInterval|setImmediate)\s*\(|\bnode:timers\b/;

/** Where cases, or what they are made of, wait for time: one line each, beginning with file and line. */
export function lintTimers(files: readonly SourceFile[]): readonly string[] {
  return files.flatMap(({ file, text }) =>
    text
      .split('\n')
      .flatMap((line, index) =>
        timers.test(line) ? [`${file}:${index + 1} uses a timer: wait for an event, or move the clock`] : [],
      ),
  );
}

/** What stands at the beginning of a line declares something new. */
const declarations = /^(?=(?:export|import|async|function|const|type|interface)\b)/m;

/** Names of the functions that put up a fence, or call one that does. */
export function fencingFunctions(files: readonly SourceFile[]): readonly string[] {
  const functions = files.flatMap(({ text }) =>
    text.split(declarations).flatMap((whole) => {
      const [head, name] = /^(?:export )?(?:async )?(?:function|const) (\w+)/.exec(whole) ?? [];
      return head === undefined || name === undefined ? [] : [{ name, body: whole.slice(head.length) }];
    }),
  );
  const found = new Set<string>();
  for (let before = -1; before < found.size; ) {
    before = found.size;
    const putsUp = new RegExp(String.raw`\bfence\.|\b(?:${[...found, 'fence'].join('|')})\(`);
    for (const { name, body } of functions) if (putsUp.test(body)) found.add(name);
  }
  return [...found];
}
