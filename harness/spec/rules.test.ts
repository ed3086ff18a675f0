import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsedExamples } from './examples/parse.js';
import { exampleOf, findingsOf, readSource, specSource } from './testing/spec.fixture.js';

const ping = `<iq type='get' id='p1' from='a@x.example/1' to='x.example'><ping xmlns='urn:xmpp:ping'/></iq>`;
const pong = `<iq type='result' id='p1' from='x.example' to='a@x.example/1'/>`;
const disco = (inner: string, query = 'query') =>
  `<iq type='result' id='d' from='x.example' to='a@x.example/1'><${query} xmlns='http://jabber.org/protocol/disco#info'>${inner}</${query}></iq>`;
const asked = `<iq type='get' id='d' from='a@x.example/1' to='x.example'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>`;
const failed = (error: string) =>
  `<iq type='error' id='p1' from='x.example' to='a@x.example/1'>${error}</iq>`;
const many = (xmlns: string) => `<message to='a@capulet.example'><x xmlns='${xmlns}'/></message>`;
const schema = `<code><![CDATA[<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='urn:t:0' xmlns='urn:t:0' elementFormDefault='qualified'>
<xs:element name='t'><xs:complexType><xs:sequence><xs:element name='n' type='xs:integer'/></xs:sequence></xs:complexType></xs:element>
</xs:schema>]]></code>`;
const shown = (inner: string) =>
  exampleOf(`<message to='a@x.example'>\n<t xmlns='urn:t:0'>${inner}</t></message>`);

describe('An example in order has no finding', () => {
  test.each([
    ['request and answer', exampleOf(`${ping}\n${pong}`)],
    ['an ellipsis among elements', exampleOf(disco(`<feature var='a'/> ... `).replace('<iq', `${asked}<iq`))],
    ['an ellipsis among attributes', exampleOf(`<message from='a@x.example' ... ><body>b</body></message>`)],
    [
      'a stream that is opened, and one that is closed',
      exampleOf(`<?xml version='1.0'?>\n<stream:stream to='x.example' version='1.0'>`) +
        exampleOf('</stream:stream>', 'End'),
    ],
    [
      'the prefix of streams',
      exampleOf('<stream:features><starttls xmlns="urn:ietf:params:xml:ns:xmpp-tls"/></stream:features>'),
    ],
    ['a text', exampleOf('To be, or not to be: <that> is the question')],
    ['an HTTP message', exampleOf('POST /a HTTP/1.1\nHost: x.example\nX-Long: a,\n  b\n\nbody')],
    ['JSON', exampleOf('{ "a": 1 }')],
    ['valid content', schema + shown('<n>1</n>')],
    ['content that is left out', schema + shown('...')],
    [
      'content that is refused',
      schema +
        exampleOf(
          `<iq type='set' id='p1' to='x.example'><t xmlns='urn:t:0'/></iq>${failed(`<error type='modify'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>`)}`,
        ),
    ],
    ['keywords with ids', `${exampleOf('x')}<p><span class='requirement a.b'>It MUST be.</span></p>`],
  ])('%s', async (_, body) => {
    expect(await findingsOf(body)).toEqual([]);
  });
});

/** `line:column` of the last place in the source where a text stands. */
function placeOf(body: string, text: string): string {
  const before = specSource(body).slice(0, specSource(body).lastIndexOf(text));
  const lines = before.split('\n');
  return `${lines.length}:${(lines.at(-1)?.length ?? 0) + 1}`;
}

describe('A slip is found in its place', () => {
  test.each([
    [
      'an element that is closed as another',
      exampleOf('<message>\n<body>a</bdy></message>'),
      '</bdy>',
      'error example/well-formed </bdy> does not close <body>, opened in line 5',
    ],
    [
      'an element that is left open',
      exampleOf('<message><body>a</message>').replace('</message>', ''),
      undefined,
      'error example/well-formed <body>, opened in line 4 is never closed',
    ],
    [
      'a prefix that is not declared',
      exampleOf('<message><x:body/></message>'),
      '<x:body',
      'error example/namespace the prefix x is not declared',
    ],
    [
      'a child without its xmlns',
      exampleOf('<message>\n  <store/></message>'),
      '<store',
      'error example/namespace <store/> is no element of a message; its xmlns is missing',
    ],
    [
      'an iq without id',
      exampleOf(ping.replace(" id='p1'", '')),
      '<iq',
      'error example/iq-id an iq has an id',
    ],
    [
      'an iq without type',
      exampleOf(ping.replace("type='get' ", '')),
      '<iq',
      'error example/stanza-type an iq has a type',
    ],
    [
      'a type that does not exist',
      exampleOf("<message type='chatt'><body>b</body></message>"),
      "type='chatt'",
      'error example/stanza-type "chatt" is no type of message',
    ],
    [
      'two payloads',
      exampleOf(ping.replace('</iq>', '<ping xmlns="urn:xmpp:ping"/></iq>')),
      '<ping xmlns="',
      'error example/iq-payload an iq of type get has exactly one child, here there are 2',
    ],
    [
      'two payloads in a result',
      exampleOf(pong.replace('/>', '><a xmlns="a"/><b xmlns="b"/></iq>')),
      '<b xmlns',
      'error example/iq-payload an iq of type result has at most one child',
    ],
    [
      'an error without condition',
      exampleOf(ping + failed("<error type='modify'/>")),
      '<error type',
      'error example/error an error has a defined condition',
    ],
    [
      'a condition that is not defined',
      exampleOf(
        ping + failed("<error type='modify'><bad xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"),
      ),
      '<bad',
      'error example/error <bad/> is no defined condition',
    ],
    [
      'an error of no known type',
      exampleOf(
        ping + failed("<error type='x'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"),
      ),
      "type='x'",
      'error example/error the type of an error is one of',
    ],
    [
      'an error without error',
      exampleOf(ping + failed('')),
      "<iq type='error'",
      'error example/error a stanza of type error has a child <error/>',
    ],
    [
      'an answer with another id',
      exampleOf(ping + pong.replace('p1', 'p2')),
      "id='p2'",
      'error example/answer the request above has id="p1", its answer has id="p2"',
    ],
    [
      'an answer from elsewhere',
      exampleOf(ping + pong.replace("from='x.example'", "from='y.example'")),
      "from='y",
      'error example/answer the request in line 4 has to="x.example", but its answer has from="y.example"',
    ],
    [
      'an answer in another namespace',
      exampleOf(asked + disco('').replace('disco#info', 'disco#items')),
      "<query xmlns='http://jabber.org/protocol/disco#items'",
      'error example/answer the request in line 4 asks in the namespace http://jabber.org/protocol/disco#info',
    ],
    [
      'an answer that does not repeat the node',
      exampleOf(asked.replace('/></iq>', " node='n'/></iq>") + disco('')),
      "<query xmlns='http://jabber.org/protocol/disco#info'></query>",
      'error example/value the answer repeats node="n" of the request in line 4',
    ],
    [
      'a JID that is none',
      exampleOf("<message to='a@x..example'><body>b</body></message>"),
      "to='a@x..",
      'error example/jid "a@x..example" is no JID: "x..example" is no domain',
    ],
    [
      'a JID that is nearly another',
      [1, 2, 3, 4].map((n) => exampleOf(many('urn:xmpp:one'), `${n}`)).join('') +
        exampleOf(many('urn:xmpp:one').replace('capulet', 'capulat'), '5'),
      "to='a@capulat",
      'warning example/jid the JID "a@capulat.example" is used once; should it be "a@capulet.example"?',
    ],
    [
      'a namespace that is nearly another',
      [1, 2, 3, 4].map((n) => exampleOf(many('urn:xmpp:one'), `${n}`)).join('') +
        exampleOf(many('urn:xmpp:onne'), '5'),
      "xmlns='urn:xmpp:onne'",
      'warning example/namespace-typo the namespace "urn:xmpp:onne" is used once; should it be "urn:xmpp:one"?',
    ],
    [
      'a feature that is nearly a namespace',
      `<p>urn:xmpp:one</p>${exampleOf(`<message><x xmlns='urn:xmpp:one'/></message>`)}${exampleOf(`${asked}\n${disco("<feature var='urn:xmpp:onne'/>")}`, 'F')}`,
      "var='urn:xmpp:onne'",
      'error example/feature the feature "urn:xmpp:onne" is nowhere else in the document; should it be "urn:xmpp:one"?',
    ],
    [
      'a feature that is nearly a name in the prose',
      `<p>urn:xmpp:trial:0#feature</p>${exampleOf(asked + disco("<feature var='urn:xmpp:trial:0#featur'/>"))}`,
      "var='urn:xmpp:trial:0#featur'",
      'warning example/feature the feature "urn:xmpp:trial:0#featur" is nowhere else in the document; should it be "urn:xmpp:trial:0#feature"?',
    ],
    [
      'a form in disco#info that is not a result',
      exampleOf(
        asked +
          disco(
            "<x xmlns='jabber:x:data' type='form'><field var='FORM_TYPE' type='hidden'><value>v</value></field></x>",
          ),
      ),
      "type='form'",
      'warning example/form a form in an answer to disco#info is of type result',
    ],
    [
      'a form in disco#info that does not say what it is',
      exampleOf(
        asked + disco("<x xmlns='jabber:x:data' type='result'><field var='a'><value>v</value></field></x>"),
      ),
      '<x xmlns',
      'warning example/form a form in an answer to disco#info has a field FORM_TYPE',
    ],
    [
      'an id that is given to a second request before the first is answered',
      exampleOf(`${ping}\n${ping}`),
      "id='p1'",
      'warning example/iq-id the request in line 4 has id="p1" too, and is not answered yet',
    ],
    [
      'two conditions in one error',
      exampleOf(
        ping +
          failed(
            "<error type='modify'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
          ),
      ),
      '<gone',
      'error example/error an error has one defined condition only',
    ],
    [
      'a field without name',
      exampleOf(
        `<message><x xmlns='jabber:x:data' type='form'><field><value>v</value></field></x></message>`,
      ),
      '<field>',
      'error example/form a field has an attribute var',
    ],
    [
      'a FORM_TYPE that shows',
      exampleOf(
        `<message><x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE'><value>v</value></field></x></message>`,
      ),
      '<field var',
      'warning example/form the field FORM_TYPE is of type hidden',
    ],
    [
      'a time that is none',
      exampleOf(`<message><delay xmlns='urn:xmpp:delay' stamp='yesterday'/></message>`),
      'stamp=',
      'error example/value "yesterday" is no DateTime',
    ],
    [
      'a language that is none',
      exampleOf(`<message xml:lang='en_GB'><body>b</body></message>`),
      'xml:lang',
      'error example/value "en_GB" is no language tag',
    ],
    ['JSON that is broken', exampleOf('{ "a": 1,\n }'), undefined, 'error example/json this is no JSON'],
    [
      'an example without caption',
      exampleOf('x', ''),
      '<example',
      'hint example/caption the example has no caption',
    ],
    [
      'a caption given twice',
      exampleOf('x') + exampleOf('y'),
      '<example',
      'hint example/caption the example in line 3 has the same caption',
    ],
    [
      'content that is not valid',
      schema + shown('<n>one</n>'),
      'one</n>',
      "error schema/valid Element 'n': 'one' is not a valid value",
    ],
    [
      'content that is missing',
      schema + shown(''),
      '<t xmlns',
      "error schema/valid Element 't': Missing child element(s). Expected is ( n ).",
    ],
    [
      'an element the schema has not',
      schema + shown('<n>1</n>').replaceAll('t xmlns', 'u xmlns').replace('</t>', '</u>'),
      '<u xmlns',
      'warning schema/element the schema of urn:t:0 has no element u',
    ],
    [
      'a known element without what it needs',
      exampleOf(asked + disco('<feature/>')),
      '<feature/>',
      "error schema/valid Element 'feature': The attribute 'var' is required but missing.",
    ],
    [
      'a schema that is broken',
      `${schema.replace('xs:integer', 'xs:intger')}${exampleOf('x')}`,
      "type='xs:intger'",
      'error schema/invalid the schema cannot be used',
    ],
    [
      'a schema that would take all memory',
      `${schema.replace("type='xs:integer'", "type='xs:integer' maxOccurs='99999999'")}${exampleOf('x')}`,
      "maxOccurs='99999999'",
      'error schema/invalid more than 1000 repetitions',
    ],
    [
      'a sentence without keyword',
      `${exampleOf('x')}<p><span class='requirement a.b'>It is.</span></p>`,
      '<span',
      'error prose/keyword the sentence a.b has no keyword of BCP 14',
    ],
    [
      'a sentence of two levels',
      `${exampleOf('x')}<p><span class='requirement a.b'>It MUST be and MAY not.</span></p>`,
      '<span',
      'warning prose/keyword the sentence a.b has keywords of several levels',
    ],
    [
      'a sentence said twice',
      `${exampleOf('x')}<p><span class='requirement a.b'>It MUST.</span> <span class='requirement a.c'>It MUST.</span></p>`,
      "<span class='requirement a.c'",
      'warning prose/twice a.c says the same as a.b in line 5',
    ],
    [
      'a keyword without id',
      `${exampleOf('x')}<p>It SHOULD. <span class='requirement a.b'>It MUST.</span></p>`,
      'SHOULD',
      'hint prose/no-id this SHOULD is in no sentence with an id',
    ],
    [
      'keywords in a document without ids',
      `${exampleOf('x')}<p>It SHOULD and MUST.</p>`,
      'SHOULD',
      'hint prose/no-id 2 keywords, and no sentence has an id',
    ],
    [
      'a quiet keyword beside a loud one',
      `${exampleOf('x')}<p><span class='requirement a.b'>It MUST.</span> They must too.</p>`,
      'must too',
      'hint prose/lower-case "must" stands beside keywords of BCP 14',
    ],
    [
      'half a keyword',
      `${exampleOf('x')}<p><span class='requirement a.b'>It MUST not.</span></p>`,
      'MUST not',
      'warning prose/keyword "MUST not" is half in capitals; write "MUST NOT"',
    ],
  ])('%s', async (_, body, place, finding) => {
    const found = (await findingsOf(body)).find((line) => line.includes(finding));
    expect(found, (await findingsOf(body)).join('\n')).toBeDefined();
    if (place !== undefined) expect(found).toMatch(new RegExp(`^${placeOf(body, place)} `));
  });
});

describe('Whatever an example holds', () => {
  test('it is taken apart, or its fault is told', () => {
    const unit = fc.constantFrom(
      '<',
      '>',
      '/',
      'a',
      '"',
      "'",
      '=',
      '&',
      ';',
      ' ',
      '...',
      '<![CDATA[',
      '<!--',
      '-->',
      '<iq',
      '\n',
      ':',
      '{',
    );
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 60 }), (text) => {
        const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
        parsedExamples(readSource(specSource(`<example>${escaped}</example>`)));
      }),
    );
  });

  test('elements nested without end are a fault, and take no time', () => {
    const { findings } = parsedExamples(readSource(specSource(exampleOf('<a>'.repeat(100_000)))));
    expect(findings.map(({ message }) => message)).toEqual(['elements are nested deeper than 200']);
  });
});
