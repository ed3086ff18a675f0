import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Ajv, type ErrorObject } from 'ajv';
import { readSchema } from '../../kit/kit.js';
import { suggest, UsageError } from '../../usage/usage-error.js';
import type { HookName, Setting, TargetConfig, Trait } from '../target.js';
import { checkPlaceholders } from './placeholders.js';

/** `schemas/target.schema.json`, once it has been checked against it. */
export interface TargetFile {
  readonly name?: string;
  readonly software?: string;
  readonly version?: string;
  readonly host: string;
  readonly port?: number;
  readonly tls?: 'starttls' | 'direct' | 'none';
  readonly ca?: string;
  readonly websocket?: string;
  readonly domains: readonly [string, ...string[]];
  readonly roomsDomain?: string;
  readonly accounts?: Accounts;
  readonly config?: TargetConfig;
  readonly configurable?: readonly Setting[];
  readonly traits?: Readonly<Partial<Record<Trait, boolean>>>;
  readonly patience?: number;
  readonly process?: ProcessDescription;
  readonly hooks?: Readonly<Partial<Record<HookName | 'configure' | 'log', Action>>>;
  readonly push: {
    readonly host: string;
    readonly listen?: string;
    readonly port?: number;
    readonly key?: string;
    readonly cert?: string;
    readonly endpoint?: string;
  };
}

/** What is done to the server from outside: a command, or a request to its own interface for administrators. */
export type Action = Command | Post;

export interface Command {
  /** A program and its arguments; no shell is involved. */
  readonly command: readonly [string, ...string[]];
  /** Milliseconds it may take. */
  readonly time?: number;
}

export interface Post {
  readonly post: string;
  /** JSON. Default: the arguments of the hook. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly time?: number;
}

export type Accounts =
  | Action
  | { readonly list: readonly { readonly jid: string; readonly password: string }[] };

/** A server that the kit starts itself. */
export interface ProcessDescription {
  readonly command: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
  /** It is ready when a line it prints matches; default: when its port takes connections. */
  readonly ready?: string;
  /** A file it logs to, quoted when something goes wrong, as is what it prints. */
  readonly log?: string;
  /** Milliseconds for starting and for stopping. */
  readonly startTime?: number;
  readonly stopTime?: number;
}

/**
 * Reads a description of a server and checks all that can be checked without it.
 *
 * @throws UsageError naming the file, the place in it and what is wrong.
 */
export function readTargetFile(path: string): TargetFile {
  let value: unknown;
  try {
    value = JSON.parse(readText(path));
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw new UsageError(`${path} is not JSON: ${(cause as Error).message}`, { cause });
  }
  const validate = new Ajv({ verbose: true }).compile<TargetFile>(readSchema('target'));
  if (!validate(value)) throw new UsageError(`${path}: ${describeError(validate.errors)}`);
  const problem = checkPlaceholders(value) ?? checkReady(value);
  if (problem !== undefined) throw new UsageError(`${path}: ${problem}`);
  return value;
}

/**
 * The text of a file whose name stands in the target file and is relative to it.
 *
 * @throws UsageError naming both.
 */
export function readBeside(targetFile: string, name: string): string {
  return readText(resolve(dirname(targetFile), name), targetFile);
}

function checkReady({ process }: TargetFile): string | undefined {
  try {
    new RegExp(process?.ready ?? '');
    return undefined;
  } catch (error) {
    return `/process/ready is no regular expression: ${(error as Error).message}`;
  }
}

/** The place in the file and what is wrong there, with the nearest right word for a member that does not exist. */
function describeError(errors: readonly ErrorObject[] | null | undefined): string {
  // An alternative complains before the choice between alternatives does, which alone tells what is meant.
  const error = errors?.find(({ keyword }) => keyword === 'oneOf') ?? errors?.[0];
  if (!error) return 'it does not match the schema';
  const place = error.instancePath || 'the top level';
  if (error.keyword === 'additionalProperties') {
    const { additionalProperty } = error.params as { readonly additionalProperty: string };
    const known = Object.keys((error.parentSchema?.properties as object | undefined) ?? {});
    return `${place} has an unknown member "${additionalProperty}"${suggest(additionalProperty, known)}`;
  }
  if (error.keyword === 'oneOf') {
    const choices = error.schema as readonly { readonly required: readonly string[] }[];
    return `${place} needs exactly one of ${choices.map(({ required }) => required.join(' and ')).join(', ')}`;
  }
  const allowed =
    error.keyword === 'enum'
      ? ` (${(error.params as { allowedValues: string[] }).allowedValues.join(', ')})`
      : '';
  return `${place} ${error.message ?? 'is wrong'}${allowed}`;
}

function readText(path: string, namedIn?: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const where = namedIn === undefined ? '' : ` (named in ${namedIn})`;
    throw new UsageError(`${path}${where} cannot be read: ${(cause as Error).message}`, { cause });
  }
}
