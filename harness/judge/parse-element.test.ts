import { describe, expect, test } from 'vitest';
import { parseElement } from './parse-element.js';

describe('A text that is one element', () => {
  test.each([
    '<a/>',
    '<a x="1" xmlns="urn:a"/>',
    '<a>text</a>',
    '<a>one<b>two<c/></b><d y="2"/>three</a>',
    '<a:b xmlns:a="urn:a"><a:c/></a:b>',
    '<a>&lt;b/&gt; &amp; c</a>',
  ])('is that: %s', (text) => {
    expect(parseElement(text)?.toString()).toBe(text);
  });

  test('may have blanks around it', () => {
    expect(parseElement('\n <a/>\n')?.toString()).toBe('<a/>');
  });

  test('has what was written as CDATA as text', () => {
    expect(parseElement('<a>x<![CDATA[<b/>]]>y</a>')?.text()).toBe('x<b/>y');
  });

  test('has parents that hold their children', () => {
    const inner = parseElement('<a><b/></a>')?.getChild('b');
    expect(inner?.parent?.name).toBe('a');
  });
});

test.each([
  '',
  'text',
  '<a>',
  '</a>',
  '<a></b>',
  '<a/><b/>',
  '<a/>text',
  '<a x="1" x="2"/>',
  '<a>&b;</a>',
  '<a b=c/>',
])('A text that is not well-formed by itself is none: %s', (text) => {
  expect(parseElement(text)).toBe(undefined);
});
