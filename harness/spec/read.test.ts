import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_OCTETS, readSpec } from './read.js';
import { exampleOf, readSource, specSource } from './testing/spec.fixture.js';

/** The one finding on a file that cannot be read, as `line:column rule message`. */
function faultOf(octets: Uint8Array | string): string {
  const { document, findings } = readSpec(
    'trial.xml',
    typeof octets === 'string' ? Buffer.from(octets) : octets,
  );
  expect(document).toBeUndefined();
  expect(findings).toHaveLength(1);
  const [finding] = findings;
  expect(finding?.level).toBe('error');
  return `${finding?.line}:${finding?.column} ${finding?.rule} ${finding?.message}`;
}

function exampleIn(source: string) {
  const [example] = readSource(source).examples;
  if (!example) throw new Error('the document has no example');
  return example;
}

describe('The text of an example knows its places in the file', () => {
  test('in a CDATA section', () => {
    const { source } = exampleIn(specSource(exampleOf('<iq/>\n  <b/>')));
    expect(source.at(source.text.indexOf('<iq'))).toEqual({ line: 4, column: 1 });
    expect(source.at(source.text.indexOf('<b'))).toEqual({ line: 5, column: 3 });
  });

  test('behind entities of the document, each of which is in one place', () => {
    const { source } = exampleIn(specSource('<example>&lt;a&amp;b&#x3e;c</example>'));
    expect(source.text).toBe('<a&b>c');
    expect([0, 1, 2, 4, 5].map((offset) => source.at(offset).column)).toEqual([10, 14, 15, 21, 27]);
  });

  test('where lines end in CR LF', () => {
    const { source } = exampleIn(specSource(exampleOf('<a/>\n<b/>')).replaceAll('\n', '\r\n'));
    expect(source.text).toBe('\n<a/>\n<b/>\n');
    expect(source.at(source.text.indexOf('<b'))).toEqual({ line: 5, column: 1 });
  });

  test('whatever the text, and however it is written', () => {
    const piece = fc.record({
      text: fc.string({ unit: fc.constantFrom('a', '<', '&', '>', ' ', 'é', '😀', '"', '\n'), maxLength: 8 }),
      isCdata: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
        const escaped: Readonly<Record<string, string>> = { '<': '&lt;', '&': '&#38;', '>': '&gt;' };
        const written = pieces.map(({ text, isCdata }) =>
          isCdata ? `<![CDATA[${text}]]>` : text.replace(/[<&>]/g, (character) => escaped[character] ?? ''),
        );
        const source = specSource(`<example>${written.join('')}</example>`);
        const { source: read } = exampleIn(source);
        expect(read.text).toBe(pieces.map(({ text }) => text).join(''));
        const lines = source.split('\n');
        for (let offset = 0; offset < read.text.length; offset++) {
          const { line, column } = read.at(offset);
          const rest = `${lines[line - 1]}\n`.slice(column - 1);
          const character = read.text.charAt(offset);
          expect(rest.startsWith(character) || rest.startsWith(escaped[character] ?? '?')).toBe(true);
        }
      }),
    );
  });
});

describe('Entities', () => {
  const withEntities = (subset: string, body: string) => specSource(body, `<!DOCTYPE xep [${subset}]>`);

  test('of the file are expanded, one within the other', () => {
    const source = withEntities(
      `<!ENTITY ns "urn:xmpp:x:0"><!ENTITY both "&ns; &lt;x/&gt;">`,
      '<example>&both;</example>',
    );
    expect(exampleIn(source).source.text).toBe('urn:xmpp:x:0 <x/>');
  });

  test('with markup are the text a reader sees, without footnotes', () => {
    const source = withEntities('<!ENTITY rfc "<em>RFC 1</em> <note>far</note>">', '<p>See &rfc;.</p>');
    expect(readSource(source).passages.map(({ source: { text } }) => text)).toEqual(['See RFC 1.']);
  });

  test('that may be declared outside of the file are their names: nothing is fetched', () => {
    const source = specSource(
      '<p>See &xep0030;.</p>',
      `<!DOCTYPE xep [<!ENTITY % e SYSTEM 'file:///etc/passwd'> %e;]>`,
    );
    expect(readSource(source).passages.map(({ source: { text } }) => text)).toEqual(['See [xep0030].']);
  });

  test('of another file are not read', () => {
    const source = withEntities(`<!ENTITY f SYSTEM 'file:///etc/passwd'>`, '<example>&f;</example>');
    expect(exampleIn(source).source.text).toBe('[f]');
  });

  test.each([
    [
      'that are declared nowhere',
      '',
      '&no;',
      '3:4 document/entity the entity &no; is not declared; declare it in the DOCTYPE',
    ],
    [
      'that contain themselves',
      '<!ENTITY a "&b;"><!ENTITY b "&a;">',
      '&a;',
      '3:4 document/entity the entity &a; contains itself',
    ],
    [
      'that grow without bounds',
      `<!ENTITY a0 "${'x'.repeat(100)}">${[1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => `<!ENTITY a${n} "${`&a${n - 1};`.repeat(10)}">`).join('')}`,
      '&a9;',
      '3:4 document/entity entities expand to more than 1000000 characters',
    ],
    ['that are no character', '', '&#0;', '3:7 document/well-formed malformed character entity'],
  ])('%s are refused', (_, subset, reference, fault) => {
    expect(faultOf(withEntities(subset, `<p>${reference}</p>`))).toBe(fault);
  });
});

describe('A file that is no XEP is told in one finding', () => {
  test.each([
    ['an empty file', '', '1:1 document/well-formed the file is empty'],
    ['a text', 'To be or not', '1:1 document/well-formed there is text outside of the root element'],
    [
      'another XML document',
      '<html/>',
      '1:1 document/root the file is no XEP: its root element is html, not xep',
    ],
    ['an element that is left open', '<xep>\n<p>', '2:3 document/well-formed unclosed tag: p'],
    ['an attribute without quotes', '<xep a=b/>', '1:8 document/well-formed unquoted attribute value'],
  ])('%s', (_, source, fault) => {
    expect(faultOf(source)).toBe(fault);
  });

  test('octets that are no UTF-8, at the first of them', () => {
    const octets = Buffer.concat([Buffer.from('<xep>\n<p>a'), Buffer.of(0xff), Buffer.from('</p></xep>')]);
    expect(faultOf(octets)).toBe('2:5 document/encoding octets that are no UTF-8');
  });

  test('an encoding nobody knows', () => {
    expect(faultOf("<?xml version='1.0' encoding='klingon'?><xep/>")).toMatch(
      /^1:1 document\/encoding the encoding "klingon" is not known/,
    );
  });

  test('a file that is too large', () => {
    expect(faultOf(new Uint8Array(MAX_OCTETS + 1))).toMatch(/^1:1 document\/size /);
  });

  test('whatever the octets, nothing is thrown', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => void readSpec('x', octets)));
    fc.assert(
      fc.property(
        fc.string({ maxLength: 200 }),
        (text) => void readSpec('x', Buffer.from(`<xep>${text}</xep>`)),
      ),
    );
  });
});

describe('A file may be in', () => {
  const source = specSource('<p>é</p>');
  test.each([
    ['UTF-8 with a mark', Buffer.from(`\ufeff${source}`)],
    ['UTF-16', Buffer.from(`\ufeff${source}`, 'utf16le')],
    [
      'ISO 8859-1 that is declared',
      Buffer.from(`<?xml version='1.0' encoding='ISO-8859-1'?>${source}`, 'latin1'),
    ],
  ])('%s', (_, octets) => {
    const { document } = readSpec('x', octets);
    expect(document?.passages.map(({ source: { text } }) => text)).toEqual(['é']);
  });
});

describe('Sections and sentences', () => {
  test('are numbered as a reader sees them', () => {
    const inner = `<section2 topic='A'><p/></section2><section2 topic='B'><section3 topic='C'/></section2>`;
    const { sections } = readSource(specSource(`${inner}</section1><section1 topic='Two'>`));
    expect(sections.map(({ number, title }) => `${number} ${title}`)).toEqual([
      '1 One',
      '1.1 A',
      '1.2 B',
      '1.2.1 C',
      '2 Two',
    ]);
  });

  test('have their ids, places and plain texts', () => {
    const { sentences } = readSource(
      specSource(`<p>So: <span class='requirement a.b-c'>A server\n  MUST <em>push</em>.</span></p>`),
    );
    expect(sentences).toMatchObject([
      { id: 'a.b-c', plain: 'A server MUST push.', at: { line: 3, column: 8 }, section: { number: '1' } },
    ]);
  });

  test.each([
    [
      'an id given twice',
      `<p><span class='requirement a.b'>MUST a</span> <span class='requirement a.b'>MUST b</span></p>`,
      '3:48 document/sentence-id',
    ],
    [
      'an id that is none',
      `<p><span class='requirement Nonsense'>MUST a</span></p>`,
      '3:4 document/sentence-id',
    ],
  ])('%s is an error', (_, body, place) => {
    const { findings } = readSpec('x', Buffer.from(specSource(body)));
    expect(
      findings
        .filter(({ level }) => level === 'error')
        .map(({ line, column, rule }) => `${line}:${column} ${rule}`),
    ).toEqual([place]);
  });
});
