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

/** Quadratic work on these takes minutes, and the time for a test is over. */
test('a declaration that never ends, and ids that are all alike, take linear time', () => {
  // A letter in one place of each half, or in two of the first: the same letters in each id, and no answer to a request.
  const idOf = (one: number, other: number) =>
    `${'a'.repeat(one)}b${'a'.repeat(other)}b${'a'.repeat(290 - one - other)}`;
  const pairs = Array.from({ length: 8000 }, (_, n) => [n % 90, Math.floor(n / 90)] as const);
  const asked = pairs.map(
    ([one, other]) => `<iq type='get' id='${idOf(one, 100 + other)}'><p xmlns='urn:u'/></iq>`,
  );
  const given = pairs.map(([one, other]) => `<iq type='result' id='${idOf(one, other)}'/>`);
  for (const text of ['<?xml '.repeat(200_000), [...asked, ...given].join('')]) {
    const document = readSource(specSource(exampleOf(text)));
    for (const rule of exampleRules) rule(document);
  }
}, 20_000);
