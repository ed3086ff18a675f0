import type { Element } from '@xmpp/xml';
import xml from '@xmpp/xml';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createXmlReader, readElement, type XmlEvent, XmlFault, type XmlReader } from './xml-reader.js';

const limits = { stanzaOctets: 2000, depth: 8 };
const header = `<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' xmlns:x='urn:x' to='a' version='1.0'>`;

function drain(reader: XmlReader): XmlEvent[] {
  const events: XmlEvent[] = [];
  for (let event = reader.next(); event; event = reader.next()) events.push(event);
  return events;
}

function read(...chunks: (string | Uint8Array)[]): XmlEvent[] {
  const reader = createXmlReader(limits);
  return chunks.flatMap((chunk) => {
    reader.push(Buffer.from(chunk as Uint8Array));
    return drain(reader);
  });
}

function elements(events: XmlEvent[]): Element[] {
  return events.flatMap((event) => (event.type === 'element' ? [event.element] : []));
}

function faultOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof XmlFault) return error.code;
    throw error;
  }
  return 'none';
}

describe('reading a stream', () => {
  test('hands out the header, each child when it is complete, and the end', () => {
    const events = read(
      `${header}<message><body>a &amp; b</body></message> \n <r xmlns='urn:xmpp:sm:3'/></stream:stream>`,
    );
    expect(events.map((event) => event.type)).toEqual(['open', 'element', 'element', 'close']);
    const [message, r] = elements(events);
    expect(message?.is('message', 'jabber:client')).toBe(true);
    expect(message?.getChildText('body')).toBe('a & b');
    expect(r?.is('r', 'urn:xmpp:sm:3')).toBe(true);
  });

  test('stands on its own: what only the header declares is declared in the element', () => {
    const [message] = elements(read(`${header}<message><x:a/><y:b xmlns:y='urn:y' x:k='v'/></message>`));
    expect(message?.parent).toBeNull();
    expect(message?.getChild('a', 'urn:x')).toBeDefined();
    expect(message?.getChild('b', 'urn:y')).toBeDefined();
    expect(readElement(String(message), limits).getChild('a', 'urn:x')).toBeDefined();
    expect(message?.attrs).toEqual({ xmlns: 'jabber:client', 'xmlns:x': 'urn:x' });
  });

  test('does not redeclare a prefix that the element itself rebinds', () => {
    const [message] = elements(read(`${header}<message xmlns:x='urn:other'><x:a/></message>`));
    expect(message?.getChild('a', 'urn:other')).toBeDefined();
  });

  test('stops behind an event and leaves what follows', () => {
    const reader = createXmlReader(limits);
    reader.push(Buffer.from(`${header}<starttls xmlns='urn:t'/><injected`));
    expect(reader.next()?.type).toBe('open');
    expect(reader.next()?.type).toBe('element');
    expect(Buffer.from(reader.takeRest()).toString()).toBe('<injected');
    expect(reader.next()).toBeUndefined();
  });

  test('reads the same however the octets are cut', () => {
    const octets = Buffer.from(
      `${header}<message a='&lt;é>'><body>€ 𐍈 ]]&gt; > <![CDATA[<x>&]]></body></message>\r\n<iq/></stream:stream>`,
    );
    const whole = JSON.stringify(
      read(octets).map((event) => (event.type === 'close' ? event : String(event.element))),
    );
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: octets.length - 1 }), { maxLength: 40 }), (cuts) => {
        const at = [...new Set([0, ...cuts, octets.length])].sort((a, b) => a - b);
        const pieces = at.slice(1).map((end, index) => octets.subarray(at[index], end));
        expect(
          JSON.stringify(
            read(...pieces).map((event) => (event.type === 'close' ? event : String(event.element))),
          ),
        ).toBe(whole);
      }),
    );
  });

  test('gives back any text and attribute that ltx wrote', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (raw) => {
        const text = raw.replace(/[^\x20-\x7e\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '');
        const [message] = elements(
          read(header, xml('message', { id: text }, xml('body', {}, text)).toString()),
        );
        expect(message?.attrs.id).toBe(text);
        expect(message?.getChildText('body') ?? '').toBe(text);
      }),
    );
  });

  test('keep-alive white space costs nothing, however much there is', () => {
    const reader = createXmlReader(limits);
    reader.push(Buffer.from(header));
    expect(drain(reader)).toHaveLength(1);
    for (let sent = 0; sent < 10 * limits.stanzaOctets; sent += 1000) {
      reader.push(Buffer.alloc(1000, ' \n'));
      expect(drain(reader)).toEqual([]);
    }
    reader.push(Buffer.from('<iq/>'));
    expect(drain(reader)).toHaveLength(1);
  });

  test.each([
    ['a document type declaration', `<!DOCTYPE s [<!ENTITY a "b">]>${header}`, 'restricted-xml'],
    ['a document type declaration in the stream', `${header}<!DOCTYPE s>`, 'restricted-xml'],
    ['a comment', `${header}<!-- c -->`, 'restricted-xml'],
    ['a comment in a stanza', `${header}<iq><!-- c --></iq>`, 'restricted-xml'],
    ['a processing instruction', `${header}<?php echo ?>`, 'restricted-xml'],
    ['an entity reference', `${header}<message>&nbsp;</message>`, 'restricted-xml'],
    ['an entity reference in an attribute', `${header}<message a='&lol;'/>`, 'restricted-xml'],
    ['mismatched tags', `${header}<a></b>`, 'not-well-formed'],
    ['an attribute without quotes', `${header}<a b=c/>`, 'not-well-formed'],
    ['a duplicate attribute', `${header}<a b='1' b='2'/>`, 'not-well-formed'],
    ['an unbound prefix', `${header}<z:a/>`, 'not-well-formed'],
    ['a forbidden character', `${header}<a>\u0001</a>`, 'not-well-formed'],
    ['a reference to a forbidden character', `${header}<a>&#0;</a>`, 'not-well-formed'],
    ['a late XML declaration', `${header}<?xml version='1.0'?>`, 'not-well-formed'],
    ['no XML at all', 'GET / HTTP/1.1\r\n\r\n', 'not-well-formed'],
    ['text between stanzas', `${header}hello<iq/>`, 'bad-format'],
    ['CDATA between stanzas', `${header}<![CDATA[hello]]><iq/>`, 'bad-format'],
    [
      'another declared encoding',
      `<?xml version='1.0' encoding='ISO-8859-1'?>${header.slice(21)}`,
      'unsupported-encoding',
    ],
    [
      'invalid UTF-8',
      Buffer.concat([Buffer.from(`${header}<a>`), Buffer.from([0xc3, 0x28])]),
      'unsupported-encoding',
    ],
    [
      'an encoded surrogate',
      Buffer.concat([Buffer.from(`${header}<a>`), Buffer.from([0xed, 0xa0, 0x80])]),
      'unsupported-encoding',
    ],
    ['UTF-16', Buffer.from(`\ufeff${header}`, 'utf16le'), 'unsupported-encoding'],
    ['deep nesting', `${header}${'<a>'.repeat(9)}`, 'policy-violation'],
    [
      'too many attributes',
      `${header}<a ${Array.from({ length: 65 }, (_, i) => `a${i}=''`).join(' ')}/>`,
      'policy-violation',
    ],
  ] as const)('%s ends the stream with $2', (_, input, condition) => {
    expect(faultOf(() => read(input as Uint8Array))).toBe(condition);
    expect(
      faultOf(() => read(...[...Buffer.from(input as Uint8Array)].map((octet) => Uint8Array.of(octet)))),
    ).toBe(condition);
  });

  test('counts the octets of a stanza as they are on the wire, and those of each stanza anew', () => {
    const stanza = (octets: number) => `<a>${'é'.repeat((octets - 8) / 2)} </a>`;
    expect(Buffer.byteLength(stanza(2000))).toBe(2000);
    expect(elements(read(header, stanza(2000), stanza(2000)))).toHaveLength(2);
    expect(faultOf(() => read(header, stanza(2002)))).toBe('policy-violation');
    expect(faultOf(() => read(header, `<a b='${'x'.repeat(2000)}`))).toBe('policy-violation');
    expect(faultOf(() => read(header, `<![CDATA[${' '.repeat(2000)}`))).toBe('policy-violation');
  });

  test('allows as deep as the limit says', () => {
    expect(elements(read(header, `${'<a>'.repeat(8)}${'</a>'.repeat(8)}`))).toHaveLength(1);
  });
});

describe('reading one element', () => {
  test('keeps prefixes, namespaces and children', () => {
    const element = readElement(`<a:b xmlns:a='urn:a'><c xmlns='urn:c'>t</c></a:b>`, limits);
    expect(element.is('b', 'urn:a')).toBe(true);
    expect(element.getChildText('c', 'urn:c')).toBe('t');
  });

  test.each([
    ['', 'bad-format'],
    [' <a/>', 'bad-format'],
    ['text', 'bad-format'],
    ['<a>', 'not-well-formed'],
    ['<a/><b/>', 'not-well-formed'],
    ['<a/>text', 'not-well-formed'],
    ['<!-- c --><a/>', 'restricted-xml'],
    [`<a>${' '.repeat(2000)}</a>`, 'policy-violation'],
    [`${'<a>'.repeat(9)}`, 'policy-violation'],
  ] as const)('refuses %j with %s', (text, condition) => {
    expect(faultOf(() => readElement(text, limits))).toBe(condition);
  });
});
