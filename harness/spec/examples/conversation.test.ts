import { describe, expect, test } from 'vitest';
import { exampleOf, findingsOf, readSource, specSource } from '../testing/spec.fixture.js';
import { exampleRules } from './rules.js';

const request = `<iq type='set' id='q1' from='a@x.example/1' to='x.example'><command xmlns='http://jabber.org/protocol/commands' node='n' sessionid='s1'/></iq>`;
const answer = (attributes: string, sessionid = 's1') =>
  `<iq type='result' id='q1' ${attributes}><command xmlns='http://jabber.org/protocol/commands' node='n' sessionid='${sessionid}'/></iq>`;

describe('An answer fits its request', () => {
  test.each([
    ['in all that it repeats', answer("from='x.example' to='a@x.example/1'"), undefined],
    ['where the server leaves out what goes without saying', answer(''), undefined],
    [
      'in the places of its addresses',
      answer("from='a@x.example/1' to='x.example'"),
      '5:27 error example/answer from and to are those of the request in line 4',
    ],
    [
      'in the resource it goes to',
      answer("from='x.example' to='a@x.example/2'"),
      '5:44 warning example/answer the request in line 4 is from="a@x.example/1"',
    ],
    [
      'in its session',
      answer("from='x.example' to='a@x.example/1'", 's2'),
      'error example/value the answer repeats sessionid="s1"',
    ],
  ])('%s', async (_, text, finding) => {
    const found = await findingsOf(exampleOf(`${request}\n${text}`));
    if (finding === undefined) expect(found).toEqual([]);
    else expect(found.join('\n')).toContain(finding);
  });
});

test('a declaration that never ends, and ids that are all alike, take no time', () => {
  const ids = Array.from({ length: 5000 }, (_, n) =>
    n.toString(2).padStart(18, '0').replaceAll('0', 'a').replaceAll('1', 'b'),
  );
  const asked = ids.map((id) => `<iq type='get' id='${id}'><p xmlns='urn:u'/></iq>`).join('');
  const given = ids.map((id) => `<iq type='result' id='${[...id].reverse().join('')}'/>`).join('');
  for (const text of ['<?xml '.repeat(200_000), asked + given]) {
    const document = readSource(specSource(exampleOf(text)));
    const start = performance.now();
    for (const rule of exampleRules) rule(document);
    expect(performance.now() - start).toBeLessThan(2000);
  }
});
