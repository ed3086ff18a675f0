import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { RecordedRequest } from '../transcript/transcript.js';

/** Either protocol's request and response, by the interface they share. */
export type AnyRequest = IncomingMessage | Http2ServerRequest;
export type AnyResponse = ServerResponse | Http2ServerResponse;

/** Everything a peer can make grow has a bound here. Octets and milliseconds. */
export interface Limits {
  /** Octets of a body that are kept; a larger one is refused. */
  readonly body: number;
  /** Octets of bodies that are being received, all requests together. */
  readonly buffered: number;
  /** From the first octet of a connection to the end of its request's head, and from there to the end of its body. */
  readonly requestTime: number;
  /** How long a connection may rest between requests. */
  readonly idleTime: number;
  readonly connections: number;
  /** Requests recorded for one case. */
  readonly requests: number;
}

export const defaultLimits: Limits = {
  body: 65_536,
  buffered: 64 * 1_048_576,
  requestTime: 20_000,
  idleTime: 120_000,
  connections: 512,
  requests: 5000,
};

/** How the receiving of a request ended. */
export type Ending = 'complete' | 'too-large' | 'broken' | 'slow' | 'overloaded';

export interface Taken {
  readonly request: RecordedRequest;
  readonly ending: Ending;
}

/**
 * Reads requests; the budget for bodies under way is shared by all that one intake reads. The signal ends a request whose
 * connection has lost its framing.
 */
export function createIntake(
  limits: Limits,
): (request: AnyRequest, brokenOff: AbortSignal) => Promise<Taken> {
  let buffered = 0;
  return (request, brokenOff) =>
    new Promise((resolve) => {
      const head = headOf(request);
      const chunks: Buffer[] = [];
      let octets = 0;
      const finish = (ending: Ending) => {
        clearTimeout(timer);
        brokenOff.removeEventListener('abort', broken);
        request
          .off('data', take)
          .off('end', end)
          .off('aborted', broken)
          .off('error', broken)
          .off('close', broken);
        // What is still coming is read and dropped: a peer that is made to stop writing never sees the answer.
        request.on('error', () => {}).resume();
        buffered -= octets;
        const body = Buffer.concat(chunks).toString('base64url');
        resolve({ ending, request: { ...head, body, complete: ending === 'complete' } });
      };
      const timer = setTimeout(() => finish('slow'), limits.requestTime);
      const take = (chunk: Buffer) => {
        const kept = chunk.subarray(0, limits.body - octets);
        octets += kept.length;
        buffered += kept.length;
        // A copy: the chunk may be a slice of something larger.
        chunks.push(Buffer.from(kept));
        if (kept.length < chunk.length) finish('too-large');
        else if (buffered > limits.buffered) finish('overloaded');
      };
      const end = () => finish('complete');
      const broken = () => finish('broken');
      brokenOff.addEventListener('abort', broken);
      request.on('data', take).on('end', end).on('aborted', broken).on('error', broken).on('close', broken);
    });
}

type Head = Omit<RecordedRequest, 'body' | 'complete'>;

function headOf(request: AnyRequest): Head {
  // `headers` joins what is repeated and drops a second Authorization; only the raw list is what was sent.
  const lines = pairs(request.rawHeaders);
  const headers = lines.filter(([name]) => !name.startsWith(':'));
  const asked =
    lines.find(([name]) => name === ':authority') ?? lines.find(([name]) => name.toLowerCase() === 'host');
  return {
    httpVersion: request.httpVersionMajor === 2 ? '2' : request.httpVersion === '1.0' ? '1.0' : '1.1',
    method: request.method ?? '',
    target: request.url ?? '',
    authority: asked?.[1] ?? '',
    headers,
  };
}

/**
 * A request whose framing is so broken that the HTTP parser gave up, as far as it can be read (RFC 9112 §3): undefined when
 * there is not even a request line.
 */
export function salvage(packet: Buffer, limit: number): RecordedRequest | undefined {
  const [head = '', ...rest] = packet.subarray(0, limit).toString('latin1').split('\r\n\r\n');
  const [line = '', ...fields] = head.split('\r\n');
  const parts = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) (\S+) HTTP\/1\.([01])$/.exec(line);
  if (!parts) return undefined;
  const [, method = '', target = '', minor] = parts;
  const headers = fields.map((field): readonly [string, string] => {
    const colon = field.indexOf(':');
    return colon < 0 ? [field, ''] : [field.slice(0, colon), field.slice(colon + 1).trim()];
  });
  return {
    httpVersion: minor === '0' ? '1.0' : '1.1',
    method,
    target,
    authority: headers.find(([name]) => name.toLowerCase() === 'host')?.[1] ?? '',
    headers,
    body: Buffer.from(rest.join('\r\n\r\n'), 'latin1').toString('base64url'),
    complete: false,
  };
}

function pairs(flat: readonly string[]): (readonly [name: string, value: string])[] {
  const list: (readonly [string, string])[] = [];
  for (let at = 0; at + 1 < flat.length; at += 2) list.push([flat[at] ?? '', flat[at + 1] ?? '']);
  return list;
}
