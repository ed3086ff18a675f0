import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterAll, describe, expect, test } from 'vitest';
import { readSchema } from '../harness/kit/kit.js';
import { UsageError } from '../harness/usage/usage-error.js';
import { pathOf, readVectors } from './files.js';
import { setNames } from './vector.js';

const folder = mkdtempSync(join(tmpdir(), 'vectors-'));
afterAll(() => rmSync(folder, { recursive: true }));

const original = readFileSync(pathOf('rfc8291'), 'utf8');
const path = join(folder, 'rfc8291.json');
/** The salt of the first message, the example of RFC 8291. */
const salt = '"salt": "DGv6ra1nlYgDCS1FRnbzlw"';

test.each(setNames)('The schema of %s is one', (set) => {
  const ajv = new Ajv({ strictTypes: false, strictRequired: false });
  ajv.addSchema(readSchema('vectors'));
  expect(() => ajv.compile(readSchema(`vectors-${set}`))).not.toThrow();
});

describe('A file of vectors is refused, with its path and the place, for', () => {
  test.each([
    [
      'a value of the wrong form',
      (text: string) => text.replace(salt, salt.replace('DG', '+G')),
      'rfc8291/example input salt must match pattern "^[A-Za-z0-9_-]{21}[AQgw]$"',
    ],
    [
      'a value of the wrong type',
      (text: string) => text.replace('"padding": 0', '"padding": "0"'),
      'rfc8291/example input padding must be integer',
    ],
    [
      'a member that is missing',
      (text: string) => text.replace(/,\s*"padding": 0/, ''),
      'rfc8291/example input has no member "padding"',
    ],
    [
      'a misspelt member',
      (text: string) => text.replace('"salt":', '"sault":'),
      'rfc8291/example input has an unknown member "sault"',
    ],
    [
      'a negative without its sibling',
      (text: string) => text.replace(/"sibling": "[^"]+",/, ''),
      'rfc8291/delimiter-01 has a member "fault" and no "sibling"',
    ],
    [
      'a test that is both a positive and a negative',
      (text: string) => text.replace('"fault":', '"title": "right", "fault":'),
      'rfc8291/delimiter-01 must match exactly one schema in oneOf',
    ],
    [
      'a level that there is not',
      (text: string) => text.replace('"rfc8291.opens": "MUST"', '"rfc8291.opens": "WILL"'),
      '/requirements/rfc8291.opens must be equal to one of the allowed values: MUST, MUST NOT, SHOULD, SHOULD NOT, MAY',
    ],
    [
      'a misspelt group',
      (text: string) => text.replace('"messages": {', '"messsages": {'),
      '/groups has an unknown member "messsages"',
    ],
    [
      'a set that there is not',
      (text: string) => text.replace('"set": "rfc8291"', '"set": "rfc8219"'),
      'its member "set" is "rfc8219"; did you mean "rfc8291"?',
    ],
    ['a document that is no set', () => '[]', 'its member "set" is missing'],
    ['half a file', (text: string) => text.slice(0, 1000), 'is not JSON: '],
  ])('%s', (_, change, complaint) => {
    const changed = change(original);
    expect(changed).not.toBe(original);
    writeFileSync(path, changed);
    const read = () => readVectors(path);
    expect(read).toThrow(UsageError);
    expect(read).toThrow(path);
    expect(read).toThrow(complaint);
  });

  test('not being there', () => {
    expect(() => readVectors(join(folder, 'none.json'))).toThrow('none.json cannot be read: ENOENT');
  });
});
