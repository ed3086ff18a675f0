import { runInThisContext } from 'node:vm';
import { afterEach, describe, expect, test } from 'vitest';
import { createProbe, instrumented, probeName } from './judges.js';

const globals = globalThis as Record<string, unknown>;
afterEach(() => {
  delete globals[probeName];
});

/** Runs an instrumented module that exports nothing; its last expression is the result. */
function run(source: string, out?: string) {
  const probe = createProbe();
  globals[probeName] = probe;
  probe.out = out;
  const module = instrumented(source, 'm.js').replace(/export /g, '');
  const result: unknown = runInThisContext(`(() => { ${module} })()`);
  return { result, asked: [...probe.asked] };
}

const finding = `{ requirement: 'x.y', met: false, expected: '', actual: '', evidence: [] }`;

describe('A judge that is out', () => {
  test('finds every sentence kept, alone or in a list', () => {
    const source = `\nexport function one() { return ${finding}; }\nfunction many() { return [one()]; }\nreturn many();`;
    expect(run(source, 'm.js many').result).toMatchObject([{ requirement: 'x.y', met: true }]);
    expect(run(source, 'm.js one').result).toMatchObject([{ met: true }]);
    expect(run(source).result).toMatchObject([{ met: false }]);
  });

  test('says so too to a function that takes its findings', () => {
    const source = `\nfunction part(find) { find('x.y', false, '', ''); }\nconst heard = []; part((...said) => heard.push(said)); return heard;`;
    expect(run(source, 'm.js part').result).toEqual([['x.y', true, '', '']]);
    expect(run(source).result).toEqual([['x.y', false, '', '']]);
  });

  test('is a function that gives findings, and no other', () => {
    const source = `\nfunction judge() { return ${finding}; }\nfunction helper() { return 'x.y'; }\nhelper(); return judge();`;
    expect(run(source).asked).toEqual(['m.js judge']);
  });
});
