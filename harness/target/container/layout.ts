import type { XmppAddress } from '../../actor/actor.js';

// What the configurations in fixtures/servers have in common.

export const domains = ['capulet.example', 'montague.example'] as const;
export const roomsDomain = 'rooms.capulet.example';

/** The name under which a server in a container reaches the push service. */
export const pushHost = 'push.conformance.test';

/** In the container: `cert.pem` and `key.pem`, by the authority that it trusts. */
export const tlsFolder = '/srv/tls';

/** In the container: the server's folder of `fixtures/servers`. */
export const configurationFolder = '/etc/conformance';

/** Milliseconds, long enough not to end while a case looks on; a case that is about them sets its own. */
export const windows = { ackDelay: 30_000, resumeWindow: 600_000 } as const;

/** Where a server with these ports takes clients. */
export function addressOf(ports: { readonly c2s: number; readonly https: number }, ca: string): XmppAddress {
  return {
    host: '127.0.0.1',
    port: ports.c2s,
    tls: 'starttls',
    ca,
    websocket: `wss://127.0.0.1:${ports.https}/xmpp-websocket`,
  };
}
