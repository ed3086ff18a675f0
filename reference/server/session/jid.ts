/** An XMPP address (RFC 7622), normalised: localpart and domain in lower case, Unicode in NFC. */
export interface Jid {
  /** Empty for a domain's own address. */
  readonly local: string;
  readonly domain: string;
  /** Empty for a bare JID. */
  readonly resource: string;
  readonly bare: string;
  readonly full: string;
}

/** RFC 7622 §3.3.1 forbids these in a localpart; white space and control characters come with every profile. */
const FORBIDDEN_IN_LOCAL = /["&'/:<>@\s\p{Cc}]/u;
const DOMAIN = /^[\p{L}\p{N}.:[\]-]+$/u;

const tooLong = (part: string) => Buffer.byteLength(part) > 1023;

export function makeJid(local: string, domain: string, resource = ''): Jid {
  const bare = local === '' ? domain : `${local}@${domain}`;
  return { local, domain, resource, bare, full: resource === '' ? bare : `${bare}/${resource}` };
}

/** Undefined when the resource is no resourcepart (RFC 7622 §3.4). */
export function normaliseResource(text: string): string | undefined {
  const resource = text.normalize('NFC');
  return resource === '' || tooLong(resource) || /\p{Cc}/u.test(resource) ? undefined : resource;
}

/**
 * Undefined when the text is no JID. Written here because the installed JID library escapes what is forbidden instead of
 * refusing it, which would make one account answer to two addresses.
 */
export function parseJid(text: string): Jid | undefined {
  const slash = text.indexOf('/');
  const bare = slash < 0 ? text : text.slice(0, slash);
  const at = bare.indexOf('@');
  const local = at < 0 ? '' : bare.slice(0, at).normalize('NFC').toLowerCase();
  const domain = bare
    .slice(at + 1)
    .normalize('NFC')
    .toLowerCase()
    .replace(/\.$/, '');
  if (at >= 0 && (local === '' || tooLong(local) || FORBIDDEN_IN_LOCAL.test(local))) return undefined;
  if (tooLong(domain) || !DOMAIN.test(domain)) return undefined;
  if (slash < 0) return makeJid(local, domain);
  const resource = normaliseResource(text.slice(slash + 1));
  return resource === undefined ? undefined : makeJid(local, domain, resource);
}
