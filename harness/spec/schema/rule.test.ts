import { xmlCleanupInputProvider, xmlRegisterInputProvider } from 'libxml2-wasm';
import { describe, expect, test } from 'vitest';
import { exampleOf, findingsOf } from '../testing/spec.fixture.js';
import { patternCost } from './pattern-cost.js';

const schemaOf = (inner: string, more = '') =>
  `<code><![CDATA[<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='urn:t:0' xmlns='urn:t:0'${more} elementFormDefault='qualified'>
${inner}
</xs:schema>]]></code>\n`;
const typed = (content: string) =>
  `<xs:element name='t'><xs:complexType>${content}</xs:complexType></xs:element>`;
const pair = schemaOf(
  typed(
    "<xs:sequence><xs:element name='n' type='xs:integer'/><xs:element name='m' type='xs:string' minOccurs='0'/></xs:sequence><xs:attribute name='a' type='xs:boolean'/>",
  ),
);
/** The content of `t` begins in the third line of the example, line 10 of the file. */
const shown = (inner: string, attributes = '') =>
  exampleOf(`<message to='a@x.example'>\n<t xmlns='urn:t:0'${attributes}>\n${inner}</t></message>`);

describe('Content of an example is held to the schema of its document', () => {
  test.each([
    ['a value', shown('<n>\n  one</n>'), "10:3 error schema/valid Element 'n': 'one' is not a valid value"],
    ['an attribute', shown('<n>1</n>', " a='maybe'"), "8:20 error schema/valid Element 't', attribute 'a'"],
    ['an element out of order', shown('<m/>\n<n>1</n>'), "9:1 error schema/valid Element 'm'"],
    [
      'an element of another namespace, which may extend it',
      shown("<n>1</n><f xmlns='urn:f:0'/>"),
      "9:9 warning schema/valid Element 'f'",
    ],
  ])('%s', async (_, example, finding) => {
    const findings = await findingsOf(pair + example);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toContain(finding);
  });

  test('but what is left out, one dot below the other too, is not missing', async () => {
    expect(await findingsOf(pair + shown('.\n.\n.\n'))).toEqual([]);
  });

  test('and xml:lang is allowed everywhere', async () => {
    expect(await findingsOf(pair + shown('<n>1</n>', " xml:lang='en'"))).toEqual([]);
  });
});

test('Words in the documentation of a schema are no part of it', async () => {
  const documented = schemaOf(
    `<xs:annotation><xs:documentation>As in the text, and so on ...</xs:documentation></xs:annotation>\n${typed("<xs:sequence><xs:element name='n' type='xs:integer'/></xs:sequence>")}`,
  );
  expect((await findingsOf(documented + shown('<n>one</n>'))).join()).toContain('schema/valid');
});

describe('A schema that needs another one', () => {
  const importing = (content: string) =>
    schemaOf(
      `<xs:import namespace='urn:f:0' schemaLocation='http://127.0.0.1:9/f.xsd'/>\n<xs:import namespace='urn:g:0' schemaLocation='file:///etc/hostname'/>\n${typed(content)}`,
      " xmlns:f='urn:f:0'",
    );

  test('asks neither a file nor the network for it', async () => {
    const asked: string[] = [];
    const isAsked = (name: string) => {
      asked.push(name);
      return false;
    };
    xmlRegisterInputProvider({ match: isAsked, open: () => undefined, read: () => -1, close: () => false });
    try {
      await findingsOf(importing("<xs:sequence><xs:element ref='f:x'/></xs:sequence>") + shown(''));
      expect(asked).toEqual([]);
    } finally {
      xmlCleanupInputProvider();
    }
  });

  test('takes what it imports as it is', async () => {
    const schema = importing(
      "<xs:sequence><xs:element ref='f:x'/><xs:element name='n' type='xs:integer'/></xs:sequence>",
    );
    expect(await findingsOf(schema + shown("<x xmlns='urn:f:0' any='thing'/><n>1</n>"))).toEqual([]);
    const wrong = await findingsOf(schema + shown("<x xmlns='urn:f:0'/><n>one</n>"));
    expect(wrong.map((line) => line.slice(0, 45))).toEqual(["11:24 error schema/valid Element 'n': 'one' i"]);
  });

  test('is left out when it cannot stand alone', async () => {
    const schema = importing("<xs:simpleContent><xs:extension base='f:type'/></xs:simpleContent>");
    expect(await findingsOf(schema + shown('<n/>'))).toEqual([]);
    const including = schemaOf(`<xs:include schemaLocation='file:///etc/hostname'/>${typed('')}`);
    expect(await findingsOf(including + shown('<n/>'))).toEqual([]);
  });
});

describe('A schema without bounds is a fault within a moment', () => {
  const groups = Array.from(
    { length: 40 },
    (_, n) =>
      `<xs:group name='g${n}'><xs:sequence>${`<xs:group ref='g${n + 1}'/>`.repeat(2)}</xs:sequence></xs:group>`,
  ).join('');
  test.each([
    [
      'repetitions within repetitions',
      typed(
        "<xs:sequence maxOccurs='900'><xs:sequence maxOccurs='900'><xs:element name='a'/></xs:sequence></xs:sequence>",
      ),
      'error schema/invalid the content unfolds to more than 200 elements',
    ],
    [
      'groups of groups',
      `${groups}<xs:group name='g40'><xs:sequence><xs:element name='a'/></xs:sequence></xs:group>${typed("<xs:group ref='g0'/>")}`,
      'error schema/invalid the content unfolds to more than 200 elements',
    ],
    [
      'a pattern',
      "<xs:simpleType name='s'><xs:restriction base='xs:string'>\n<xs:pattern value='((a{900}){900}){9}'/></xs:restriction></xs:simpleType>",
      '5:13 error schema/invalid the pattern repeats too much',
    ],
  ])('%s', { timeout: 2000 }, async (_, inner, finding) => {
    const findings = await findingsOf(schemaOf(inner) + shown(''));
    expect(findings[0]).toContain(finding);
    expect(findings).toHaveLength(1);
  });

  test('repetitions in a pattern multiply only within each other', () => {
    expect(patternCost('[0-9a-f]{8}-[0-9a-f]{4}')).toBe(13);
    expect(patternCost('(ab{2}){10}')).toBe(30);
  });
});

describe('Where a document has no schema, the kit has its own', () => {
  test.each([
    ["<x xmlns='jabber:x:data' type='forms'/>", "type='forms'"],
    ["<received xmlns='urn:xmpp:receipts'><b/></received>", '<received'],
    ["<x xmlns='jabber:x:data' type='form'><field type='text' var='a'/></x>", "type='text'"],
    ["<propose xmlns='urn:xmpp:jingle-message:0'/>", '<propose'],
    ["<store xmlns='urn:xmpp:hints'>x</store>", 'x</store>'],
  ])('%s', async (payload, place) => {
    const findings = (await findingsOf(exampleOf(`<message>${payload}</message>`))).filter((line) =>
      line.includes('schema/valid'),
    );
    const column = `<message>${payload}`.lastIndexOf(place) + 1;
    expect(findings).toEqual([expect.stringMatching(new RegExp(`^4:${column} error`))]);
  });

  test('a form within disco#info is looked at by itself', async () => {
    const form = "<x xmlns='jabber:x:data' type='wrong'/>";
    const query = `<message><query xmlns='http://jabber.org/protocol/disco#info'>${form}</query></message>`;
    const findings = await findingsOf(exampleOf(query));
    expect(findings.filter((line) => line.includes("attribute 'type'"))).toHaveLength(1);
  });
});
