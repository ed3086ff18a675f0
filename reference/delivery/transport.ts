import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import type { ClientRequest } from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { TransportFailure, TransportResult } from './answer.js';
import type { Transport } from './delivery.js';

/** Nobody reads an answer's body, but reading a little lets the connection be used again. */
const MAX_BODY_OCTETS = 4096;
const MAX_HEADER_OCTETS = 8192;
/** Shorter than most servers keep an idle connection, so that a request rarely meets one that is just closing. */
const IDLE_TIME = 4000;

export interface TransportOptions {
  /**
   * The address rules, asked for every address that a request could connect to, at the time it does (RFC 8030 §8 puts
   * endpoints in the client's hand, so they may name anything).
   *
   * @param host the endpoint's host, as in the URL but without the brackets of an IPv6 literal.
   */
  readonly checkAddress: (address: string, host: string) => { readonly ok: boolean };
  /** Certificates (PEM) trusted in place of the system's. */
  readonly ca?: string | undefined;
  /** Name resolution. Default: the system's. */
  readonly lookup?: LookupFunction | undefined;
  /** One request, from name resolution to the end of the answer, in milliseconds. Default 10 000. */
  readonly requestTimeout?: number;
  /** How long `close` lets requests in flight end by themselves, in milliseconds. Default 1000. */
  readonly closeGrace?: number;
}

/**
 * Sends requests over HTTPS with certificates always validated, redirects never followed, and no answer, however long,
 * slow or malformed, costing more than a little memory and the request timeout. Only the status and `Retry-After` come
 * back. Connections are kept and used again.
 *
 * The two times here are the system's, not those of a clock that tests move: they guard against a peer, and a peer lives
 * in real time.
 */
export function createTransport(options: TransportOptions): Transport {
  const { checkAddress, requestTimeout = 10_000, closeGrace = 1000 } = options;
  const agent = new https.Agent({
    keepAlive: true,
    timeout: IDLE_TIME,
    lookup: checkedLookup(options.lookup ?? systemLookup, checkAddress),
    // Said, not left to the default, which an environment variable can turn off.
    rejectUnauthorized: true,
    ...(options.ca === undefined ? {} : { ca: options.ca }),
  });
  const active = new Set<Exchange>();
  let closed = false;

  return {
    async post(request) {
      if (closed) return failure('closed');
      let exchange: Exchange;
      try {
        const url = new URL(request.endpoint);
        const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
        // For an address nothing is looked up.
        if (isIP(host) !== 0 && !checkAddress(host, host).ok) return failure('address-refused');
        const options = {
          agent,
          method: 'POST',
          host,
          port: url.port || 443,
          path: requestTarget(request.endpoint),
          headers: request.headers,
          maxHeaderSize: MAX_HEADER_OCTETS,
        };
        exchange = beginExchange(https.request(options), request.body);
      } catch {
        return failure('request-impossible');
      }
      active.add(exchange);
      const timer = setTimeout(() => exchange.abort('timeout'), requestTimeout);
      const result = await exchange.result;
      clearTimeout(timer);
      active.delete(exchange);
      return result;
    },

    async close() {
      closed = true;
      const abort = () => {
        for (const exchange of active) exchange.abort('closed');
      };
      const timer = setTimeout(abort, closeGrace);
      await Promise.all([...active].map((exchange) => exchange.result));
      clearTimeout(timer);
      agent.destroy();
    },
  };
}

interface Exchange {
  readonly result: Promise<TransportResult>;
  /** Ends the connection. Where a status has come already, it stays the result. */
  abort(reason: TransportFailure): void;
}

function beginExchange(request: ClientRequest, body: Uint8Array): Exchange {
  let settle: (result: TransportResult) => void = () => {};
  const result = new Promise<TransportResult>((resolve) => {
    settle = resolve;
  });
  let answer: TransportResult | undefined;
  let stage: TransportFailure = 'connection-failed';
  const end = (reason: TransportFailure) => settle(answer ?? failure(reason));
  const abort = (reason: TransportFailure) => {
    end(reason);
    request.destroy();
  };

  request.on('socket', (socket) => {
    // A connection that is used again is long past both.
    if (request.reusedSocket) return;
    socket.once('connect', () => {
      stage = 'tls-failed';
    });
    socket.once('secureConnect', () => {
      stage = 'connection-failed';
    });
  });
  request.on('response', (response) => {
    const retryAfter = response.headers['retry-after'];
    answer = {
      type: 'answer',
      status: response.statusCode ?? 0,
      ...(retryAfter === undefined ? {} : { retryAfter }),
    };
    let octets = 0;
    response.on('data', (chunk: Uint8Array) => {
      octets += chunk.length;
      if (octets > MAX_BODY_OCTETS) abort(stage);
    });
    response.on('end', () => end(stage));
    response.on('error', () => end(stage));
  });
  request.on('error', (error) => end(reasonOf(error) ?? stage));
  request.on('close', () => end(stage));
  request.end(body);
  return { result, abort };
}

function failure(reason: TransportFailure): TransportResult {
  return { type: 'failure', reason };
}

function reasonOf(error: Error): TransportFailure | undefined {
  if (error instanceof LookupError) return error.reason;
  return 'code' in error && String(error.code).startsWith('HPE_') ? 'malformed-answer' : undefined;
}

/** Path and query as they stand in the endpoint: the URL parser's output may be another capability. */
function requestTarget(endpoint: string): string {
  const target = /^https:\/\/[^/?#]*([^#]*)/i.exec(endpoint)?.[1] ?? '';
  return target.startsWith('/') ? target : `/${target}`;
}

class LookupError extends Error {
  override readonly name = 'LookupError';

  constructor(
    readonly reason: TransportFailure & ('address-refused' | 'name-not-resolved'),
    options?: ErrorOptions,
  ) {
    super(reason, options);
  }
}

/**
 * Resolves a name and checks what it resolves to in the same step that hands the addresses to the connection, so that
 * no second answer of the name server can come in between. One forbidden address spoils the others: a public service
 * has none.
 */
function checkedLookup(
  lookup: LookupFunction,
  checkAddress: TransportOptions['checkAddress'],
): LookupFunction {
  return (hostname, options, callback) => {
    const fail = (error: LookupError) => callback(error, []);
    lookup(hostname, { ...options, all: true }, (error, found, family) => {
      const addresses: readonly LookupAddress[] =
        typeof found === 'string' ? [{ address: found, family: family ?? isIP(found) }] : (found ?? []);
      const [first] = addresses;
      if (error || !first) fail(new LookupError('name-not-resolved', { cause: error }));
      else if (!addresses.every(({ address }) => checkAddress(address, hostname).ok))
        fail(new LookupError('address-refused'));
      else if (options.all) callback(null, [...addresses]);
      else callback(null, first.address, first.family);
    });
  };
}
