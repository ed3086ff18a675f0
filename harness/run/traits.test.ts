import xml from '@xmpp/xml';
import { describe, expect, test } from 'vitest';
import { type Trait, traits } from '../target/target.js';
import { lacksOf, type SelfDescription } from './traits.js';

const result = xml('iq', { type: 'result' });

const rich: SelfDescription = {
  stream: xml(
    'stream:features',
    {},
    xml('sm', { xmlns: 'urn:xmpp:sm:3' }),
    xml('csi', { xmlns: 'urn:xmpp:csi:0' }),
  ),
  features: new Set(['urn:xmpp:carbons:2', 'urn:xmpp:mam:2', 'msgoffline', 'urn:xmpp:blocking']),
  isResumable: true,
  roster: result,
  preferences: result,
};
const address = { host: 'localhost', port: 5222, tls: 'starttls' } as const;
const wide = {
  domains: ['a.example', 'b.example'] as const,
  roomsDomain: 'rooms.a.example',
  address: { ...address, websocket: 'wss://a.example/ws' },
};
const poor: SelfDescription = {
  stream: xml('stream:features', {}),
  features: new Set(),
  isResumable: false,
  roster: xml('iq', { type: 'error' }),
  preferences: { missing: 'no answer' },
};
const narrow = { domains: ['a.example'] as const, address };

describe('What a target lacks', () => {
  test('is nothing, where it says that it has everything', () => {
    expect([...lacksOf(wide, rich)]).toEqual([]);
  });

  test('is every trait that it does not show, each with the reason', () => {
    const lacks = lacksOf(narrow, poor);
    expect([...lacks.keys()].toSorted()).toEqual([...traits].toSorted());
    expect(lacks.get('carbons')).toBe(
      'the target has no carbons: disco#info does not list urn:xmpp:carbons:2',
    );
  });

  test.each<Trait>(['carbons', 'rooms', 'roster'])(
    'is what its description says, whatever it shows: %s',
    (trait) => {
      expect(lacksOf({ ...wide, traits: { [trait]: false } }, rich).get(trait)).toBe(
        `the target has no ${trait}: so its description says`,
      );
      expect(lacksOf({ ...narrow, traits: { [trait]: true } }, poor).has(trait)).toBe(false);
    },
  );
});
