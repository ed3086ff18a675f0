import { expect, test } from 'vitest';
import { cases } from './cases.js';
import { catalogue } from './requirements/catalogue.js';

const named = new Set<string>(cases.flatMap(({ requirements }) => requirements));
const judgeable = [...catalogue.values()].filter(({ excluded }) => excluded === undefined);

test('Every sentence that can be judged from outside is judged by a case, or says why it is not', () => {
  const missing = judgeable.filter(({ id }) => !named.has(id)).map(({ id, level }) => `${id} (${level})`);
  expect(missing).toEqual([]);
});
