import { lookup } from 'node:dns/promises';
import { writeFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { catalogue } from '../../suites/requirements/catalogue.js';
import { createAuthority } from '../certificate/certificate.js';
import { decodeBase64url } from '../judge/base64url.js';
import { examineRequest } from '../judge/examine.js';
import { isPoint } from '../judge/token.js';
import { startPushService } from '../push-service/push-service.js';
import { exitCodes } from '../run/result.js';
import { makeTemporaryFolder, removeTemporaryFolders } from '../temporary/temporary-folder.js';
import type { Entry, EntryBody, Recorder, RequestEntry } from '../transcript/transcript.js';
import { UsageError } from '../usage/usage-error.js';
import { untilInterrupted } from './interrupt.js';
import { createLineJudge, type RequestLine } from './push-service-line.js';

export interface PushServiceCommandOptions {
  readonly port: number;
  readonly host: string;
  readonly caFile?: string;
  readonly key?: string;
  readonly answer?: readonly string[];
  readonly count?: number;
}

/**
 * Runs a push service for any Web Push sender until it is interrupted or has had its requests. Prints the subscription, then a
 * line of JSON for each request; what people need to know goes to standard error. Gives the exit code: 1 when a MUST was broken.
 *
 * @throws UsageError when an option is wrong or the port is taken.
 */
export async function pushServiceCommand(options: PushServiceCommandOptions): Promise<number> {
  const { host, caFile, count = Number.POSITIVE_INFINITY } = options;
  const statuses = (options.answer ?? []).map(parseStatus);
  if (options.key !== undefined) requireKey(options.key);
  const address = await addressOf(host);
  const authority = await createAuthority();
  return untilInterrupted(async (signal) => {
    const judgeLine = createLineJudge(catalogue, options.key);
    const tally = createTally();
    let end: () => void = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
      signal.addEventListener('abort', end);
    });

    let taken = 0;
    let judged = Promise.resolve();
    const recorder = createSieve((transcript, entry) => {
      if (taken >= count) return;
      taken += 1;
      if (taken >= count) end();
      judged = judged
        .then(() => examineRequest(transcript, entry, { isSentinel: () => false }))
        .then((examined) => {
          const line = judgeLine(examined);
          tally.add(line);
          process.stdout.write(`${JSON.stringify(line)}\n`);
        });
      judged.catch(end);
    });
    const pushService = await startPushService({
      authority,
      host: address,
      port: options.port,
      names: [host, 'localhost', '127.0.0.1', '::1'],
      limits: { requests: Number.POSITIVE_INFINITY },
      onStray({ reason, request, answer }) {
        if (request && answer) recorder.record({ kind: 'request', request, answer });
        else note(reason);
      },
    });
    try {
      const authorityFile = caFile ?? join(makeTemporaryFolder(), 'ca.pem');
      writeAuthority(authorityFile, authority.pem);
      const place = `https://${isIPv6(host) ? `[${host}]` : host}:${pushService.port}`;
      const subscription = pushService.subscribe({
        name: 'browser',
        recorder,
        case: 'standalone',
        endpointUrl: (path) => new URL(path, place).href,
      });
      subscription.answer(...statuses.map((status) => ({ type: 'status', status }) as const));
      process.stdout.write(`${JSON.stringify(subscription)}\n`);
      note(`listening on ${place}; its authority is in ${authorityFile}
  the sender must trust it: NODE_EXTRA_CA_CERTS=${authorityFile} node sender.js, or curl --cacert ${authorityFile}
  Ctrl-C ends it`);
      await ended;
    } finally {
      await pushService.close();
      removeTemporaryFolders();
    }
    await judged;
    note(tally.summary());
    return tally.isBroken() ? exitCodes.nonConformant : exitCodes.conformant;
  });
}

/** A recorder that keeps the subscription alone and passes requests on: a service may run for ever. */
function createSieve(
  onRequest: (transcript: Recorder['transcript'], entry: RequestEntry & Entry) => void,
): Recorder {
  const entries: Entry[] = [];
  const transcript = { case: 'standalone', entries };
  let seq = 0;
  return {
    transcript,
    record(body: EntryBody) {
      const entry: Entry = { ...body, seq, at: Date.now() };
      seq += 1;
      if (entry.kind === 'subscription') entries.push(entry);
      else if (entry.kind === 'request') onRequest(transcript, entry);
      return entry;
    },
    listen: () => () => {},
  };
}

interface Tally {
  add(line: RequestLine): void;
  isBroken(): boolean;
  /** A line on all, and one for each sentence that was broken. */
  summary(): string;
}

function createTally(): Tally {
  let requests = 0;
  let opened = 0;
  const broken = new Map<string, { readonly level: string; count: number }>();
  const isMust = (level: string) => level.startsWith('MUST');
  return {
    add(line) {
      requests += 1;
      if (line.opened) opened += 1;
      for (const { requirement, level } of line.findings) {
        const entry = broken.get(requirement) ?? { level, count: 0 };
        entry.count += 1;
        broken.set(requirement, entry);
      }
    },
    isBroken: () => [...broken.values()].some(({ level }) => isMust(level)),
    summary() {
      const rows = [...broken]
        .toSorted(([, a], [, b]) => Number(isMust(b.level)) - Number(isMust(a.level)))
        .map(([requirement, { level, count }]) => `\n  ${level} ${requirement}, ${times(count)}`);
      const verdict = rows.length > 0 ? `broken sentences:${rows.join('')}` : 'no sentence was broken';
      return `${requests} ${requests === 1 ? 'request' : 'requests'}, ${opened} opened; ${verdict}`;
    },
  };
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function parseStatus(text: string): number {
  const status = Number(text);
  if (/^\d{3}$/.test(text) && status >= 200 && status <= 599) return status;
  throw new UsageError(`--answer ${text} is no status; it must be a whole number from 200 to 599`);
}

function requireKey(key: string): void {
  const octets = decodeBase64url(key);
  if (octets?.length !== 65 || octets[0] !== 4)
    throw new UsageError(
      `--key ${key} is no application server key; it must be base64url, without padding, of 65 octets from 0x04 on`,
    );
  if (!isPoint(octets)) throw new UsageError(`--key ${key} is not a point on the curve P-256`);
}

/** Where to listen so that the name in the endpoint leads there. */
async function addressOf(host: string): Promise<string> {
  if (host === 'localhost') return '127.0.0.1';
  try {
    return (await lookup(host)).address;
  } catch (cause) {
    throw new UsageError(`--host ${host} leads nowhere: ${(cause as Error).message}`, { cause });
  }
}

function writeAuthority(file: string, pem: string): void {
  try {
    writeFileSync(file, pem);
  } catch (cause) {
    throw new UsageError(`--ca-file ${file} cannot be written: ${(cause as Error).message}`, { cause });
  }
}

function note(text: string): void {
  process.stderr.write(`webpush-conformance: ${text}\n`);
}
