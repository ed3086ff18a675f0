import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { createAuthority } from '../certificate/certificate.js';
import { exitCodes } from '../run/result.js';
import { serveReference } from '../target/served.js';
import { makeTemporaryFolder, removeTemporaryFolders } from '../temporary/temporary-folder.js';
import { UsageError } from '../usage/usage-error.js';
import { untilInterrupted } from './interrupt.js';

export interface ServeCommandOptions {
  readonly host: string;
  readonly port: number;
  readonly directTlsPort?: number;
  readonly websocketPort?: number;
  readonly domain: readonly string[];
  readonly roomsDomain?: string;
  readonly key?: string;
  readonly cert?: string;
  readonly caFile?: string;
  readonly data?: string;
  readonly maxDevices: number;
  readonly importantBody: string;
  readonly ackDelay: number;
  readonly resumeWindow: number;
  readonly batchWindow: number;
  readonly push: boolean;
  readonly subject?: string;
  readonly trust?: string;
  readonly allowHost?: readonly string[];
  readonly resolve?: readonly string[];
  readonly control?: number;
}

/**
 * Runs the reference server until it is interrupted. Prints one line of JSON when it takes clients: where, and the keys
 * browsers subscribe with.
 *
 * @throws UsageError when an option is wrong or a port is taken.
 */
export async function serveCommand(options: ServeCommandOptions): Promise<number> {
  const { host, roomsDomain, control, data, trust } = options;
  const [first = 'localhost', ...others] = options.domain;
  const domains = [first, ...others] as const;
  const names = new Map((options.resolve ?? []).map(parseName));
  if ((options.key === undefined) !== (options.cert === undefined))
    throw new UsageError(
      '--key and --cert belong together: give both, or neither for a throw-away certificate',
    );
  if (data !== undefined) makeFolder(data);
  return untilInterrupted(async (signal) => {
    try {
      const { tls, authorityFile } = await certificateOf(options, [host, ...domains]);
      const server = await serveReference({
        host,
        port: options.port,
        domains,
        tls,
        names,
        ...(options.directTlsPort === undefined ? {} : { directTlsPort: options.directTlsPort }),
        ...(options.websocketPort === undefined ? {} : { websocketPort: options.websocketPort }),
        ...(roomsDomain === undefined ? {} : { roomsDomain }),
        ...(data === undefined ? {} : { dataDirectory: data }),
        ...(control === undefined ? {} : { controlPort: control }),
        streamManagement: { ackDelay: options.ackDelay, resumeWindow: options.resumeWindow },
        push: {
          enabled: options.push,
          maxDevices: options.maxDevices,
          importantBody: options.importantBody,
          batchWindow: options.batchWindow,
          allowedHosts: options.allowHost ?? [],
          ...(options.subject === undefined ? {} : { subject: options.subject }),
          ...(trust === undefined ? {} : { ca: readPem('--trust', trust) }),
        },
        onProblem: ({ message }) => note(message),
      });
      try {
        const { place } = server;
        process.stdout.write(
          `${JSON.stringify({ ...place, ...(authorityFile === undefined ? {} : { ca: authorityFile }) })}\n`,
        );
        note(
          `clients log in on ${place.host} port ${place.port}, and register there (XEP-0077); Ctrl-C ends it`,
        );
        await new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => resolve());
          if (signal.aborted) resolve();
        });
      } finally {
        await server.close();
      }
    } finally {
      removeTemporaryFolders();
    }
    return exitCodes.conformant;
  });
}

/** The given certificate, or a throw-away one whose authority is written down for clients to trust. */
async function certificateOf(
  { key, cert, caFile }: ServeCommandOptions,
  names: readonly string[],
): Promise<{
  readonly tls: { readonly key: string; readonly cert: string };
  readonly authorityFile?: string;
}> {
  if (key !== undefined && cert !== undefined)
    return { tls: { key: readPem('--key', key), cert: readPem('--cert', cert) } };
  const authority = await createAuthority();
  const authorityFile = caFile ?? join(makeTemporaryFolder(), 'ca.pem');
  try {
    writeFileSync(authorityFile, authority.pem);
  } catch (cause) {
    throw new UsageError(`--ca-file ${authorityFile} cannot be written: ${(cause as Error).message}`, {
      cause,
    });
  }
  return { tls: await authority.certify([...new Set([...names, 'localhost', '127.0.0.1'])]), authorityFile };
}

function parseName(text: string): readonly [name: string, address: string] {
  const [name = '', address = ''] = text.split('=');
  if (name !== '' && isIP(address) !== 0) return [name, address];
  throw new UsageError(
    `--resolve ${text} is wrong: it must be NAME=ADDRESS, such as push.example.org=127.0.0.1`,
  );
}

function readPem(option: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new UsageError(`${option} ${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new UsageError(`--data ${folder} cannot be made: ${(cause as Error).message}`, { cause });
  }
}

function note(text: string): void {
  process.stderr.write(`webpush-conformance: ${text}\n`);
}
