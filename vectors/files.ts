import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { packageRoot, readSchema } from '../harness/kit/kit.js';
import { suggest, UsageError } from '../harness/usage/usage-error.js';
import { type SetName, setNames, type VectorFile } from './vector.js';

/** Where a set stands in the kit. */
export function pathOf(set: SetName): string {
  return join(packageRoot, 'vectors', `${set}.json`);
}

const validators = new Map<SetName, ValidateFunction<VectorFile>>();

function validatorOf(set: SetName): ValidateFunction<VectorFile> {
  const known = validators.get(set);
  if (known) return known;
  const ajv = new Ajv({ verbose: true, strictTypes: false, strictRequired: false });
  ajv.addSchema(readSchema('vectors'));
  const validator = ajv.compile<VectorFile>(readSchema(`vectors-${set}`));
  validators.set(set, validator);
  return validator;
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

/** The deepest complaint is the one about what somebody wrote; the others follow from it. */
function describeError(value: unknown, errors: readonly ErrorObject[]): string {
  const depth = ({ instancePath }: ErrorObject) => instancePath.split('/').length;
  const own = errors.filter(({ keyword }) => keyword !== 'if');
  const [error] = own.toSorted((one, other) => depth(other) - depth(one));
  if (!error) return 'it does not match the schema';
  const { keyword, params, instancePath, message = 'is wrong' } = error;
  const steps = instancePath.split('/').slice(1);
  const test = steps[2] === 'tests' ? steps.slice(0, 4).reduce(memberOf, value) : undefined;
  const id = memberOf(test, 'id');
  const place = typeof id === 'string' ? `${id}: ${steps.slice(4).join('/') || 'the test'}` : instancePath;
  if (keyword === 'additionalProperties')
    return `${place || 'the top level'} has an unknown member "${params.additionalProperty}"`;
  const allowed = keyword === 'enum' ? ` (${params.allowedValues.join(', ')})` : '';
  const constant = keyword === 'const' ? ` (${JSON.stringify(params.allowedValue)})` : '';
  return `${place || 'the top level'} ${message}${allowed}${constant}`;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}
