import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TargetFault } from '../target/fault.js';
import { createReader, LIMITS } from './reader.js';

const HEADER = '<stream:stream xmlns="jabber:client" xmlns:stream="http://etherx.jabber.org/streams">';

/** What a reader makes of these pieces, in words. */
function readAll(pieces: readonly string[], framing: 'stream' | 'framed' = 'stream') {
  const seen: string[] = [];
  let fault: TargetFault | undefined;
  const reader = createReader(framing, {
    opened: (header) => seen.push(`opened ${header.name}`),
    element: (element) => seen.push(element.toString()),
    closed: () => seen.push('closed'),
    failed: (reason) => {
      fault = reason;
    },
  });
  for (const piece of pieces) reader.read(piece);
  return { seen, code: fault?.code, message: fault?.message };
}

describe('a stream', () => {
  test('is read the same however it is cut into pieces', () => {
    const text = `<?xml version='1.0'?>${HEADER}<message a="&lt;&#x1F339;"><body>1 &amp; <![CDATA[<2>]]></body></message> \n<r xmlns="urn:xmpp:sm:3"/></stream:stream>`;
    const whole = readAll([text]);
    expect(whole.seen).toEqual([
      'opened stream:stream',
      '<message a="&lt;🌹"><body>1 &amp; &lt;2&gt;</body></message>',
      '<r xmlns="urn:xmpp:sm:3"/>',
      'closed',
    ]);
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(text.length), { maxLength: 20 }), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), text.length];
        const pieces = places.slice(1).map((place, index) => text.slice(places[index], place));
        expect(readAll(pieces)).toEqual(whole);
      }),
    );
  });

  test('gives each element the namespace of the stream, and declares its prefix for whoever reads it alone', () => {
    const { seen } = readAll([HEADER, '<stream:error><a xmlns="b"/></stream:error>']);
    expect(seen[1]).toBe(
      '<stream:error xmlns:stream="http://etherx.jabber.org/streams"><a xmlns="b"/></stream:error>',
    );
  });

  test.each([
    ['another root', '<html>'],
    ['a root in another namespace', '<stream:stream xmlns="jabber:client" xmlns:stream="other">'],
    ['text between stanzas', `${HEADER}text<a/>`],
    ['a comment', `${HEADER}<!-- comment -->`],
    ['a processing instruction', `${HEADER}<?php ?>`],
    ['a document type', `<!DOCTYPE a>${HEADER}`],
    ['a repeated attribute', `${HEADER}<a b="1" b="2"/>`],
    ['a character XML does not allow', `${HEADER}<a>\u0001</a>`],
  ])('with %s is garbage', (_, text) => {
    expect(readAll([text]).code).toBe('garbage');
  });

  test('is read no further after a fault', () => {
    expect(readAll([HEADER, '<iq></message>', '<message/>']).seen).toEqual(['opened stream:stream']);
  });

  test('is not ended by the end tag of another element', () => {
    expect(readAll([HEADER, '</a>'])).toMatchObject({ seen: ['opened stream:stream'], code: 'garbage' });
  });

  test('may carry a stanza as long as the limit, and none longer', () => {
    const empty = '<a></a>';
    const fitting = `<a>${'x'.repeat(LIMITS.stanzaOctets - empty.length)}</a>`;
    expect(readAll([HEADER, fitting, fitting]).code).toBeUndefined();
    expect(readAll([HEADER, fitting.replace('x', 'xx')]).code).toBe('flood');
    expect(readAll([HEADER, fitting.replace('x', 'ä')]).code).toBe('flood');
  });

  test('may nest as deep as the limit, and no deeper', () => {
    const nested = (depth: number) => '<a>'.repeat(depth) + '</a>'.repeat(depth);
    expect(readAll([HEADER, nested(LIMITS.depth)]).code).toBeUndefined();
    expect(readAll([HEADER, nested(LIMITS.depth + 1)]).code).toBe('flood');
  });
});

describe('frames', () => {
  const OPEN = '<open xmlns="urn:ietf:params:xml:ns:xmpp-framing"/>';
  const CLOSE = '<close xmlns="urn:ietf:params:xml:ns:xmpp-framing"/>';

  test('are one element each', () => {
    expect(
      readAll([OPEN, '<message xmlns="jabber:client"><body>a</body></message>', CLOSE], 'framed'),
    ).toMatchObject({
      seen: ['opened open', '<message xmlns="jabber:client"><body>a</body></message>', 'closed'],
    });
  });

  test.each([
    ['half an element', ['<message>']],
    ['two elements', ['<a/><b/>']],
    ['nothing', [' ']],
    ['the other half', ['<message>', '</message>']],
  ])('with %s are garbage', (_, frames) => {
    expect(readAll(frames, 'framed').code).toBe('garbage');
  });

  test('count the small elements of the whole stream', () => {
    const frame = `<b>${'<a/>'.repeat(99_999)}</b>`;
    expect(readAll([frame, frame], 'framed').code).toBeUndefined();
    expect(readAll([frame, frame, '<a/>'], 'framed').code).toBe('flood');
  });
});
