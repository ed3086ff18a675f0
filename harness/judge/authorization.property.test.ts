import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Parameter, parseCredentials } from './authorization.js';

const token = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}$/);
const bare = fc.stringMatching(/^[A-Za-z0-9._-][A-Za-z0-9._=-]{0,90}$/);
const quoted = fc.string({ unit: fc.constantFrom(...'abc ,="\\\t;'), maxLength: 20 });

const parameter: fc.Arbitrary<Parameter> = fc.oneof(
  fc.record({ name: token, value: bare, quoted: fc.constant(false) }),
  fc.record({ name: token, value: quoted, quoted: fc.constant(true) }),
);
const space = fc.constantFrom('', ' ', '\t', '  ');

test('Credentials are read back as they were written, in every way that RFC 9110 §11.4 lets them be written', () => {
  fc.assert(
    fc.property(
      token,
      fc.array(parameter, { maxLength: 4 }),
      space,
      space,
      (scheme, parameters, one, other) => {
        const write = ({ name, value, quoted }: Parameter) =>
          `${name}${one}=${other}${quoted ? `"${value.replace(/["\\]/g, '\\$&')}"` : value}`;
        const field = `${scheme} ${parameters.map(write).join(`${one},${other}`)}`.trimEnd();
        expect(parseCredentials(field)).toEqual({
          scheme,
          parameters: parameters.map((each) => ({ ...each, name: each.name.toLowerCase() })),
        });
      },
    ),
  );
});
