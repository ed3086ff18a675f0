import { describe, expect, test } from 'vitest';
import { exampleOf, findingsOf } from '../testing/spec.fixture.js';
import { jidFault } from './addresses.js';
import { isDateTime } from './times.js';

test.each(['2026-02-28T23:59:59Z', '2024-02-29T00:00:00.123+14:00'])('%s is a DateTime', (text) => {
  expect(isDateTime(text)).toBe(true);
});

test.each(['2026-02-29T00:00:00Z', '2026-13-01T00:00:00Z', '2026-01-01T24:01:00Z', '2026-01-01 00:00:00Z'])(
  '%s is no DateTime',
  (text) => {
    expect(isDateTime(text)).toBe(false);
  },
);

test.each(['a@x.example/a b', 'x.example', 'a@[::1]', 'é@x.example', 'x.example/a@b'])(
  '%s is a JID',
  (jid) => {
    expect(jidFault(jid)).toBeUndefined();
  },
);

test.each(['a b@x.example', '@x.example', 'a@', 'a@x.example/', 'a@b@c', ' x.example'])(
  '%s is no JID',
  (jid) => {
    expect(jidFault(jid)).toBeDefined();
  },
);

describe('A form', () => {
  const form = (inner: string) =>
    exampleOf(`<message><x xmlns='jabber:x:data' type='result'>${inner}</x></message>`);

  test('has a FORM_TYPE with one value', async () => {
    const field = (values: string) => form(`<field var='FORM_TYPE' type='hidden'>${values}</field>`);
    expect(await findingsOf(field('<value>v</value>'))).toEqual([]);
    expect((await findingsOf(field(''))).join()).toContain(
      '4:49 error example/form the field FORM_TYPE has one',
    );
  });
});
