import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { Ajv, type ErrorObject } from 'ajv';
import type { XmppAddress } from '../actor/actor.js';
import { registerInBand } from '../actor/registration.js';
import { readSchema } from '../kit/kit.js';
import { suggest, UsageError } from '../usage/usage-error.js';
import type { Target, TargetConfig } from './target.js';

/** `schemas/target.schema.json`, once it has been checked against it. */
interface TargetFile {
  readonly name?: string;
  readonly software?: string;
  readonly version?: string;
  readonly host: string;
  readonly port?: number;
  readonly tls?: 'starttls' | 'direct';
  readonly ca?: string;
  readonly websocket?: string;
  readonly domains: readonly [string, ...string[]];
  readonly roomsDomain?: string;
  readonly maxDevices?: number;
  readonly importantBody?: string;
  readonly patience?: number;
  readonly push: {
    readonly host: string;
    readonly listen?: string;
    readonly port?: number;
    readonly key?: string;
    readonly cert?: string;
  };
}

/**
 * A server that is already there, described by a JSON file.
 *
 * @throws UsageError naming the file, the place in it and what is wrong.
 */
export function readTargetFile(path: string): Target {
  const file = parseTargetFile(path);
  const readBeside = (name: string) => readText(resolve(dirname(path), name), path);
  const { push } = file;
  const name = file.name ?? basename(path, '.json');
  const address: XmppAddress = {
    host: file.host,
    port: file.port ?? 5222,
    tls: file.tls ?? 'starttls',
    ...(file.ca === undefined ? {} : { ca: readBeside(file.ca) }),
    ...(file.websocket === undefined ? {} : { websocket: file.websocket }),
  };
  const config: TargetConfig = {
    ...(file.maxDevices === undefined ? {} : { maxDevices: file.maxDevices }),
    ...(file.importantBody === undefined ? {} : { importantBody: file.importantBody }),
  };
  const certificate =
    push.key === undefined || push.cert === undefined
      ? undefined
      : { key: readBeside(push.key), cert: readBeside(push.cert) };
  return {
    name: path,
    summary: `the server at ${address.host}:${address.port}`,
    instances: 'one',
    configurable: [],
    pushListener: {
      address: push.listen ?? '127.0.0.1',
      port: push.port ?? 0,
      names: [push.host],
      ...(certificate ? { certificate } : {}),
    },
    async start({ pushPort, timeoutScale }) {
      const patience = (file.patience ?? 10_000) * timeoutScale;
      // Accounts stay on a server that outlives the run, so their names must differ from run to run.
      const suffix = Date.now().toString(36);
      return {
        description: {
          name,
          software: file.software ?? `server at ${address.host}:${address.port}`,
          version: file.version ?? '(version unknown)',
        },
        address,
        domains: file.domains,
        ...(file.roomsDomain === undefined ? {} : { roomsDomain: file.roomsDomain }),
        config,
        hooks: {},
        patience,
        now: Date.now,
        async provision(localpart, domain) {
          const name = `${localpart}-${suffix}`;
          return registerInBand(address, domain, name, `${name}-secret`, patience);
        },
        endpointUrl: (target) => `https://${push.host}:${pushPort}${target}`,
        async stop() {},
      };
    },
  };
}

function parseTargetFile(path: string): TargetFile {
  let value: unknown;
  try {
    value = JSON.parse(readText(path));
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw new UsageError(`${path} is not JSON: ${(cause as Error).message}`, { cause });
  }
  const validate = new Ajv({ verbose: true }).compile<TargetFile>(readSchema('target'));
  if (validate(value)) return value;
  throw new UsageError(`${path}: ${describeError(validate.errors?.[0])}`);
}

/** The place in the file and what is wrong there, with the nearest right word for a member that does not exist. */
function describeError(error: ErrorObject | undefined): string {
  if (!error) return 'it does not match the schema';
  const place = error.instancePath || 'the top level';
  if (error.keyword === 'additionalProperties') {
    const { additionalProperty } = error.params as { readonly additionalProperty: string };
    const known = Object.keys((error.parentSchema?.properties as object | undefined) ?? {});
    return `${place} has an unknown member "${additionalProperty}"${suggest(additionalProperty, known)}`;
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
