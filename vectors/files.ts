import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { packageRoot, readSchema } from '../harness/kit/kit.js';
import { suggest, UsageError } from '../harness/usage/usage-error.js';
import { type SetName, setNames, testsOf, type VectorFile } from './vector.js';

/** Where a set stands in the kit. */
export function pathOf(set: SetName): string {
  return join(packageRoot, 'vectors', `${set}.json`);
}

/** Every complaint is wanted, and the schemas themselves are held to theirs by a test. */
const ajv = new Ajv({
  allErrors: true,
  strictTypes: false,
  strictRequired: false,
  validateSchema: false,
  code: { optimize: false },
});

function validatorOf(set: SetName): ValidateFunction<VectorFile> {
  const id = `vectors-${set}`;
  if (!ajv.getSchema('vectors.schema.json')) ajv.addSchema(readSchema('vectors'));
  return ajv.getSchema<VectorFile>(`${id}.schema.json`) ?? ajv.compile<VectorFile>(readSchema(id));
}

/** How many vectors of the kit name a requirement; its own files need not be held to their schemas for that. */
export function countVectors(requirement: string): number {
  const files = setNames.map((set): VectorFile => JSON.parse(readFileSync(pathOf(set), 'utf8')));
  return files.flatMap(testsOf).filter(({ test }) => test.requirement === requirement).length;
}

/**
 * Reads a set and holds it to its schema.
 *
 * @throws {UsageError} naming the file, the test and the member, and what is wrong there.
 */
export function readVectors(path: string): VectorFile {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const what = cause instanceof SyntaxError ? 'is not JSON' : 'cannot be read';
    throw new UsageError(`${path} ${what}: ${reason}`, { cause });
  }
  const set = setOf(value);
  if (set === undefined) {
    const named = memberOf(value, 'set');
    const what = typeof named === 'string' ? `"${named}"${suggest(named, setNames)}` : 'missing';
    throw new UsageError(`${path} is no set of vectors: its member "set" is ${what}`);
  }
  const validate = validatorOf(set);
  if (validate(value)) return value;
  throw new UsageError(`${path}: ${describeError(value, validate.errors ?? [])}`);
}

function setOf(value: unknown): SetName | undefined {
  return setNames.find((name) => name === memberOf(value, 'set'));
}

/** Of several complaints the deepest is about what somebody wrote, and a misspelt name is why another is missing. */
function describeError(value: unknown, errors: readonly ErrorObject[]): string {
  const weight = ({ instancePath, keyword }: ErrorObject) =>
    2 * instancePath.split('/').length + (keyword === 'additionalProperties' ? 1 : 0);
  const [error] = errors.toSorted((one, other) => weight(other) - weight(one));
  if (!error) return 'it does not match the schema';
  const steps = error.instancePath.split('/').slice(1);
  const id = memberOf(steps.slice(0, 4).reduce(memberOf, value), 'id');
  const isInTest = steps[2] === 'tests' && typeof id === 'string';
  const place = isInTest ? [id, ...steps.slice(4)].join(' ') : error.instancePath || 'the top level';
  return `${place} ${complaintOf(error)}`;
}

function complaintOf({ keyword, params, message = 'is wrong' }: ErrorObject): string {
  switch (keyword) {
    case 'additionalProperties':
      return `has an unknown member "${params.additionalProperty}"`;
    case 'required':
      return `has no member "${params.missingProperty}"`;
    case 'dependencies':
      return `has a member "${params.property}" and no "${params.missingProperty}"`;
    case 'enum':
      return `${message}: ${params.allowedValues.join(', ')}`;
    case 'const':
      return `must be ${JSON.stringify(params.allowedValue)}`;
    default:
      return message;
  }
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}
