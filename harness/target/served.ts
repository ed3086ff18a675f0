import { lookup } from 'node:dns';
import { createClock } from '../../reference/clock/clock.js';
import type { PushOptions, StreamManagementOptions } from '../../reference/server/options.js';
import { createServer } from '../../reference/server/server.js';
import { UsageError } from '../usage/usage-error.js';
import { type Control, openControl } from './control.js';
import { hooksOf, lookupIn } from './reference-hooks.js';

/** How the reference is hosted as a server by itself. */
export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly directTlsPort?: number;
  readonly websocketPort?: number;
  readonly domains: readonly [string, ...string[]];
  readonly roomsDomain?: string;
  readonly tls: { readonly key: string; readonly cert: string };
  readonly dataDirectory?: string;
  readonly streamManagement?: Partial<Pick<StreamManagementOptions, 'ackDelay' | 'resumeWindow'>>;
  readonly push: Partial<PushOptions>;
  /** Addresses of names that are not in the DNS. */
  readonly names: ReadonlyMap<string, string>;
  /** Where to take orders for its clock and accounts, on loopback; 0 picks a free port. Absent: nowhere. */
  readonly controlPort?: number;
  readonly onProblem: (problem: Error) => void;
}

/** The reference, running. */
export interface Served {
  /** What clients, browsers and administrators need to know. */
  readonly place: {
    readonly host: string;
    readonly port: number;
    readonly directTlsPort?: number;
    readonly websocket?: string;
    readonly control?: string;
    readonly domains: readonly string[];
    readonly roomsDomain: string;
    /** By domain: what a browser subscribes with. */
    readonly applicationServerKeys: Readonly<Record<string, string>>;
  };
  close(): Promise<void>;
}

/**
 * Starts the reference as an XMPP server for whoever needs one.
 *
 * @throws UsageError when an option, a port or a folder will not do.
 */
export async function serveReference(options: ServeOptions): Promise<Served> {
  const { host, domains, roomsDomain, dataDirectory, push, streamManagement } = options;
  const clock = createClock();
  const names = new Map(options.names);
  const allowedHosts = [...(push.allowedHosts ?? [])];
  const server = await createServer({
    domains,
    tls: options.tls,
    clock,
    listen: {
      host,
      tcp: options.port,
      ...(options.directTlsPort === undefined ? {} : { directTls: options.directTlsPort }),
      ...(options.websocketPort === undefined ? {} : { websocket: options.websocketPort }),
    },
    push: { ...push, allowedHosts, lookup: lookupIn(names, lookup) },
    onProblem: options.onProblem,
    ...(roomsDomain === undefined ? {} : { roomsDomain }),
    ...(dataDirectory === undefined ? {} : { dataDirectory }),
    ...(streamManagement ? { streamManagement } : {}),
  }).catch((cause: Error) => {
    throw new UsageError(`the server cannot start: ${cause.message}`, { cause });
  });
  const { tcp, directTls, websocket } = server.ports;
  let control: Control | undefined;
  try {
    if (options.controlPort !== undefined)
      control = await openControl(
        hooksOf({ server: () => server, clock, names, allowedHosts }),
        options.controlPort,
      );
  } catch (error) {
    await server.close();
    throw error;
  }
  return {
    place: {
      host: server.host,
      port: tcp,
      ...(directTls === undefined ? {} : { directTlsPort: directTls }),
      ...(websocket === undefined ? {} : { websocket: `wss://${server.host}:${websocket}/xmpp-websocket` }),
      ...(control ? { control: control.url } : {}),
      domains: server.domains,
      roomsDomain: server.roomsDomain,
      applicationServerKeys: Object.fromEntries(
        server.domains.flatMap((domain) => {
          const key = server.applicationServerKey(domain);
          return key === undefined ? [] : [[domain, key]];
        }),
      ),
    },
    async close() {
      await control?.close();
      await server.close();
    },
  };
}
