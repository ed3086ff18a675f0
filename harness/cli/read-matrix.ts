import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { readSchema } from '../kit/kit.js';
import type { Matrix } from '../mutant/matrix.js';
import { UsageError } from '../usage/usage-error.js';

/** @throws {UsageError} when the file is none. */
export function readMatrix(file: string): Matrix {
  let matrix: unknown;
  try {
    matrix = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new UsageError(
      `${file} cannot be read: ${(cause as Error).message}; \`mutants run --out\` writes one`,
      {
        cause,
      },
    );
  }
  const validate = new Ajv({ strict: true }).compile<Matrix>(readSchema('matrix'));
  if (validate(matrix)) return matrix;
  const [error] = validate.errors ?? [];
  throw new UsageError(`${file} is no matrix of mutants: ${error?.instancePath || '/'} ${error?.message}`);
}
