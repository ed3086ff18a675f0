import xml from '@xmpp/xml';
import { describe, expect, test } from 'vitest';
import { discoFeature, discoForm } from './disco.js';
import { buildError, buildResult, type StanzaError } from './reply.js';

const STANZAS = 'urn:ietf:params:xml:ns:xmpp-stanzas';
const request = xml(
  'iq',
  { type: 'set', id: 'e1', from: 'juliet@capulet.example/web', to: 'juliet@capulet.example' },
  xml('enable', { xmlns: 'urn:xmpp:webpush:0' }, xml('endpoint', {}, 'https://push.example.net/p/abc')),
);

describe('a result', () => {
  test('is empty and goes back to where the request came from', () => {
    expect(buildResult(request).toString()).toBe(
      '<iq type="result" id="e1" from="juliet@capulet.example" to="juliet@capulet.example/web"/>',
    );
  });

  test('has no address the request did not have', () => {
    expect(buildResult(xml('iq', { type: 'set', id: 'e2' })).toString()).toBe('<iq type="result" id="e2"/>');
  });

  test('is in the namespace of the request', () => {
    expect(buildResult(xml('c:iq', { 'xmlns:c': 'jabber:client', id: 'e3' })).getNS()).toBe('jabber:client');
  });
});

describe('an error', () => {
  const every: StanzaError[] = [
    { type: 'modify', condition: 'bad-request' },
    { type: 'modify', condition: 'not-acceptable' },
    { type: 'auth', condition: 'forbidden' },
    { type: 'cancel', condition: 'not-allowed' },
    { type: 'wait', condition: 'resource-constraint' },
    { type: 'wait', condition: 'internal-server-error' },
    { type: 'cancel', condition: 'feature-not-implemented' },
    { type: 'cancel', condition: 'service-unavailable' },
  ];

  test.each(every)('can say $type/$condition', (error) => {
    expect(buildError(request, error).toString()).toBe(
      `<iq type="error" id="e1" from="juliet@capulet.example" to="juliet@capulet.example/web"><error type="${error.type}"><${error.condition} xmlns="${STANZAS}"/></error></iq>`,
    );
  });

  test.each(['invalid-key', 'invalid-endpoint'] as const)('can tell %s apart', (applicationCondition) => {
    const error = buildError(request, {
      type: 'modify',
      condition: 'not-acceptable',
      text: 'Because of <that> & this.',
      applicationCondition,
    }).getChild('error');
    expect(error?.children.map(String)).toEqual([
      `<not-acceptable xmlns="${STANZAS}"/>`,
      `<text xmlns="${STANZAS}" xml:lang="en">Because of &lt;that&gt; &amp; this.</text>`,
      `<${applicationCondition} xmlns="urn:xmpp:webpush:0"/>`,
    ]);
  });

  test('does not repeat the request', () => {
    const answer = buildError(request, { type: 'modify', condition: 'bad-request' });
    expect(answer.toString()).not.toContain('push.example.net');
    expect(answer.getChildElements()).toHaveLength(1);
  });
});

describe('disco#info', () => {
  test('lists the namespace as a feature', () => {
    expect(discoFeature().toString()).toBe('<feature var="urn:xmpp:webpush:0"/>');
  });

  test('publishes the key in a form of type result with its own FORM_TYPE', () => {
    expect(discoForm('BIcW_-').toString()).toBe(
      '<x xmlns="jabber:x:data" type="result">' +
        '<field var="FORM_TYPE" type="hidden"><value>http://jabber.org/protocol/webpush#public-key</value></field>' +
        '<field var="webpush#public-key" type="text-single"><value>BIcW_-</value></field></x>',
    );
  });
});
