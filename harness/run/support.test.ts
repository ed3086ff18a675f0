import xml, { type Element } from '@xmpp/xml';
import { describe, expect, test } from 'vitest';
import { type Answered, judgeSupport } from './support.js';

const WEB_PUSH = 'urn:xmpp:webpush:0';
const FORM = 'http://jabber.org/protocol/webpush#public-key';
const STANZAS = 'urn:ietf:params:xml:ns:xmpp-stanzas';

const info = (...children: readonly Element[]) =>
  xml(
    'iq',
    { type: 'result' },
    xml('query', { xmlns: 'http://jabber.org/protocol/disco#info' }, ...children),
  );
const feature = xml('feature', { var: WEB_PUSH });
const form = xml(
  'x',
  { xmlns: 'jabber:x:data', type: 'result' },
  xml('field', { var: 'FORM_TYPE' }, xml('value', {}, FORM)),
);
const result = xml('iq', { type: 'result' });
const refusal = (condition: string) =>
  xml('iq', { type: 'error' }, xml('error', { type: 'cancel' }, xml(condition, { xmlns: STANZAS })));

describe('A server has Web Push', () => {
  test.each<[string, Answered, Answered]>([
    ['when it lists the feature, though it refuses an enable', info(feature), refusal('service-unavailable')],
    ['when it shows a key, though it refuses an enable', info(form), refusal('service-unavailable')],
    ['when it takes an enable, though it lists nothing', info(), result],
    ['when it knows an enable well enough to find fault with it', info(), refusal('not-acceptable')],
  ])('%s', (_, account, enable) => {
    expect(judgeSupport('juliet@capulet.example', account, enable).isSupported).toBe(true);
  });
});

describe('A server has no Web Push', () => {
  test.each<[string, Answered]>([
    ['service-unavailable', refusal('service-unavailable')],
    ['feature-not-implemented', refusal('feature-not-implemented')],
    ['nothing', { missing: 'no answer' }],
  ])('when it lists nothing and answers an enable with %s', (_, enable) => {
    expect(judgeSupport('juliet@capulet.example', info(), enable).isSupported).toBe(false);
  });

  test('and is told what was looked for, where, and what was there', () => {
    expect(judgeSupport('juliet@capulet.example', info(), refusal('service-unavailable')).looks).toEqual([
      {
        lookedFor: `the feature ${WEB_PUSH}`,
        where: 'disco#info of juliet@capulet.example, asked by its owner',
        found: 'not listed',
      },
      {
        lookedFor: `a form ${FORM}`,
        where: 'disco#info of juliet@capulet.example, asked by its owner',
        found: 'not there',
      },
      {
        lookedFor: 'a result for an enable',
        where: 'a session of juliet@capulet.example',
        found: 'the error service-unavailable',
      },
    ]);
  });

  test('and an answer that is an error is told as such', () => {
    const { looks } = judgeSupport('a@b', refusal('forbidden'), refusal('service-unavailable'));
    expect(looks[0]?.found).toBe('the error forbidden');
  });
});
