import { readFileSync, statSync } from 'node:fs';
import { type Sidecar, startSidecar } from '../../reference/sidecar/sidecar.js';
import { exitCodes } from '../run/result.js';
import { UsageError } from '../usage/usage-error.js';

export interface SidecarCommandOptions {
  readonly domain: readonly string[];
  readonly secretFile: string;
  readonly listen: { readonly host: string; readonly port: number };
  readonly data?: string;
  readonly subject?: string;
  readonly maxDevices?: number;
  readonly importantBody?: string;
  readonly batchWindow?: number;
  readonly allowHost?: readonly string[];
  readonly caFile?: string;
  /** False takes Web Push away. */
  readonly push: boolean;
}

/**
 * Runs the engine beside an XMPP server until SIGTERM or SIGINT; then what is in flight ends, and the exit code is 0. A
 * second signal ends it at once. Problems are one line each on standard error.
 *
 * @throws UsageError when an option is wrong, or what it names cannot be used.
 */
export async function sidecarCommand(options: SidecarCommandOptions): Promise<number> {
  // Whoever reads that it listens may stop it at once.
  const stop = stopped();
  const sidecar = await open(options);
  const rotate = () => rotateKeys(sidecar, options.domain);
  process.on(rotationSignal, rotate);
  const { host } = options.listen;
  const place = `http://${host.includes(':') ? `[${host}]` : host}:${sidecar.port}`;
  note(`listening on ${place} for ${options.domain.join(', ')}`);
  if (options.data === undefined) note('without --data, registrations and keys are lost at the end');
  await stop;
  process.off(rotationSignal, rotate);
  note('stopping: what is in flight ends first');
  await sidecar.close();
  return exitCodes.conformant;
}

const rotationSignal = 'SIGUSR2';

function rotateKeys(sidecar: Sidecar, domains: readonly string[]): void {
  for (const domain of domains) {
    try {
      sidecar.rotateKey(domain);
      note(`${domain} has a new application server key`);
    } catch (problem) {
      note(`${domain}: ${oneLine(problem as Error)}`);
    }
  }
}

async function open(options: SidecarCommandOptions): Promise<Sidecar> {
  const { subject, maxDevices, importantBody, batchWindow, data, caFile } = options;
  const secret = readSecret(options.secretFile);
  const ca = caFile === undefined ? undefined : read('--ca-file', caFile);
  try {
    return await startSidecar({
      domains: options.domain,
      secret,
      listen: options.listen,
      push: {
        enabled: options.push,
        allowedHosts: options.allowHost ?? [],
        ...(subject === undefined ? {} : { subject }),
        ...(maxDevices === undefined ? {} : { maxDevices }),
        ...(importantBody === undefined ? {} : { importantBody }),
        ...(batchWindow === undefined ? {} : { batchWindow }),
        ...(ca === undefined ? {} : { ca }),
      },
      ...(data === undefined ? {} : { dataDirectory: data }),
      onProblem: (problem, domain) => note(`${domain === undefined ? '' : `${domain}: `}${oneLine(problem)}`),
    });
  } catch (cause) {
    // Whatever it is, an option led there, and the message names the place.
    throw new UsageError(`the sidecar cannot start: ${oneLine(cause as Error)}`, { cause });
  }
}

/** What failed and why, without line breaks. */
function oneLine({ message, cause }: Error): string {
  const why = cause instanceof Error && !message.includes(cause.message) ? `: ${cause.message}` : '';
  return `${message}${why}`.replaceAll(/\s+/g, ' ');
}

function readSecret(file: string): string {
  const secret = read('--secret-file', file).trim();
  if (process.platform !== 'win32' && statSync(file).mode & 0o007)
    throw new UsageError(`--secret-file ${file} is open to everybody: chmod o= ${file}`);
  return secret;
}

function read(option: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new UsageError(`${option} ${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

function stopped(): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      process.on('SIGINT', giveUp).on('SIGTERM', giveUp);
      resolve();
    };
    const giveUp = () => process.exit(exitCodes.interrupted);
    process.once('SIGINT', stop).once('SIGTERM', stop);
  });
}

function note(text: string): void {
  process.stderr.write(`webpush-conformance: ${text}\n`);
}
