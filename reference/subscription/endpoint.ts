import { createRequire } from 'node:module';
import { isIP } from 'node:net';
import type Ipaddr from 'ipaddr.js';

// Node reads a CommonJS module twice when it is imported, once for the names of its exports.
const ipaddr = createRequire(import.meta.url)('ipaddr.js') as typeof Ipaddr;

/** What an operator exempts from the address rules. */
export interface AddressPolicy {
  /** Names or address literals as they stand in the endpoint, without port; an allowed name may resolve to any address. */
  readonly allowedHosts: readonly string[];
}

export type EndpointCheck =
  | { readonly ok: true }
  | {
      readonly ok: false;
      /** The stanza error condition: text that is no URL, or a URL that is refused (RFC 6120 §8.3.3). */
      readonly condition: 'bad-request' | 'not-acceptable';
      readonly text: string;
    };

export type AddressCheck = { readonly ok: true } | { readonly ok: false; readonly text: string };

/** Longer endpoints are refused; real ones stay below 1000. */
export const MAX_ENDPOINT_OCTETS = 2048;

const ok = { ok: true } as const;
const malformed = (text: string): EndpointCheck => ({ ok: false, condition: 'bad-request', text });
const refused = (text: string): EndpointCheck => ({ ok: false, condition: 'not-acceptable', text });

/**
 * Judges an endpoint: an absolute https URL without user information and fragment, at most 2048 octets, whose host is
 * neither `localhost` nor an address literal outside the public internet (RFC 8030 §8.3, RFC 6761 §6.3).
 *
 * An endpoint is a capability kept octet for octet, yet a URL parser has to read it before it can be used. So a text that
 * the parser would repair or rewrite (`https:host`, tabs, backslashes, `0x7f.1`, `/a/../b`) is refused: the URL that was
 * checked is the URL that is requested. A browser's `PushSubscription.endpoint` is the parser's own output and passes.
 *
 * The answer's text names the fault and never repeats the endpoint, which is a secret.
 */
export function checkEndpoint(endpoint: string, policy: AddressPolicy): EndpointCheck {
  if (endpoint === '') return malformed('the endpoint is empty, expected an https URL');
  if (Buffer.byteLength(endpoint) > MAX_ENDPOINT_OCTETS)
    return refused(`the endpoint is longer than ${MAX_ENDPOINT_OCTETS} octets`);
  if (!/^[\x21-\x5b\x5d-\x7e]+$/.test(endpoint))
    return malformed('the endpoint has characters no URL may hold, expected it as the browser serialises it');

  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(endpoint)?.[1];
  if (!scheme) return malformed('the endpoint is not an absolute URL, expected https://host/path');
  if (scheme.toLowerCase() !== 'https') return refused('the endpoint has another scheme than https');

  const [, authority, rest, fragment] = /^https:\/\/([^/?#]*)([^#]*)(#.*)?$/i.exec(endpoint) ?? [];
  if (!authority || rest === undefined)
    return malformed('the endpoint has no host, expected https://host/path');
  if (authority.includes('@')) return refused('the endpoint has user information before its host');
  if (fragment !== undefined) return refused('the endpoint has a fragment');

  const url = parseUrl(endpoint);
  if (!url) return malformed('the endpoint is not a valid URL');
  const [, host, port] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(authority) ?? [];
  if (host?.toLowerCase() !== url.hostname)
    return refused(
      'the endpoint writes its host in an unusual form, expected the normal form of the URL standard',
    );
  if (port !== undefined && !/^[1-9]\d*$/.test(port))
    return refused('the endpoint has an unusual port, expected a decimal number from 1 to 65535 or none');
  // An empty path is requested as `/` (RFC 9110 §4.2.3), which no server tells from an absent one.
  const requested = rest.startsWith('/') ? rest : `/${rest}`;
  if (url.href.slice(`https://${url.host}`.length) !== requested)
    return refused('the endpoint has a path or query that a URL parser rewrites, expected its normal form');

  return checkHost(url.hostname, policy);
}

/**
 * The endpoint's address rules for an address that name resolution gave: to be asked at connect time, for the address
 * that is connected to, since what a name resolves to may change after registration.
 *
 * @param address IPv4 or IPv6 in text form.
 * @param host the endpoint's host, for which the policy may make an exception.
 */
export function checkAddress(address: string, host: string, policy: AddressPolicy): AddressCheck {
  if (isAllowed(host, policy)) return ok;
  const range = nonPublicRange(address);
  return range === undefined ? ok : { ok: false, text: `the host resolves to ${range}` };
}

function checkHost(hostname: string, policy: AddressPolicy): EndpointCheck {
  const host = bareHost(hostname);
  if (host.split('.').includes('')) return malformed('the endpoint has an empty label in its host');
  if (isAllowed(hostname, policy)) return ok;
  if (host === 'localhost' || host.endsWith('.localhost'))
    return refused('the endpoint has a loopback name as host, expected a public one');
  if (isIP(host) === 0) return ok;
  const range = nonPublicRange(host);
  return range === undefined ? ok : refused(`the endpoint has ${range} as host, expected a public one`);
}

function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** Lower case, without the brackets of an IPv6 literal and without the root's dot: the form in which hosts compare. */
function bareHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
}

function isAllowed(host: string, policy: AddressPolicy): boolean {
  const bare = bareHost(host);
  return policy.allowedHosts.some((allowed) => bareHost(allowed) === bare);
}

/** What kind of address it is when it is not a public unicast one, in words; undefined when it is. */
function nonPublicRange(address: string): string | undefined {
  if (isIP(address) === 0) return 'something that is no address';
  let parsed = ipaddr.parse(address);
  if (parsed instanceof ipaddr.IPv6) {
    const embedded = embeddedIPv4(parsed);
    // Global unicast is 2000::/3 (RFC 4291 §2.4); what lies outside is special even where no registry names it.
    if (!embedded && (parsed.parts[0] ?? 0) >> 13 !== 1 && parsed.range() === 'unicast')
      return 'a reserved address';
    parsed = embedded ?? parsed;
  }
  const range = parsed.range();
  return range === 'unicast' ? undefined : (rangeNames[range] ?? 'a reserved address');
}

/** The IPv4 address that decides where packets for this IPv6 address end up, if one does. */
function embeddedIPv4(address: Ipaddr.IPv6): Ipaddr.IPv4 | undefined {
  const octets = address.toByteArray();
  const at = (start: number) => new ipaddr.IPv4(octets.slice(start, start + 4));
  if (address.isIPv4MappedAddress()) return at(12);
  // NAT64's well-known prefix (RFC 6052 §2.1); its local-use neighbour 64:ff9b:1::/48 stays reserved (RFC 8215).
  if (address.match(ipaddr.IPv6.parseCIDR('64:ff9b::/96'))) return at(12);
  // 6to4 (RFC 3056 §2).
  if (address.match(ipaddr.IPv6.parseCIDR('2002::/16'))) return at(2);
  return undefined;
}

const rangeNames: { readonly [range: string]: string } = {
  unspecified: 'an unspecified address',
  broadcast: 'a broadcast address',
  multicast: 'a multicast address',
  linkLocal: 'a link-local address',
  loopback: 'a loopback address',
  carrierGradeNat: 'a carrier-grade NAT address',
  private: 'a private address',
  uniqueLocal: 'a unique local address',
};
