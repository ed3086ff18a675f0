import { p256 } from '@noble/curves/nist.js';
import { decodeBase64url, encodeBase64url } from '../../judge/base64url.js';
import { isPoint } from '../../judge/token.js';
import type { Example, SpecDocument } from '../document.js';
import type { ParsedExample, XmlNode } from '../example.js';
import { isElided } from '../examples/ellipsis.js';
import { parsedExamples } from '../examples/parse.js';
import { attribute, error, stanzasOf, warning, withDescendants } from '../examples/structure.js';
import type { SpecFinding } from '../finding.js';
import type { Position } from '../source-text.js';

export const WEBPUSH = 'urn:xmpp:webpush:0';
const KEY_FORM = 'http://jabber.org/protocol/webpush#public-key';

/** A text of an example, and where it stands. */
export interface Value {
  readonly text: string;
  readonly at: Position;
}

/** An `enable` of an example. */
export interface ShownEnable {
  readonly endpoint: Value | undefined;
  readonly p256dh: Value | undefined;
  readonly auth: Value | undefined;
  /** The document shows that the server refuses it, so it may be as wrong as it likes. */
  readonly refused: boolean;
}

export function enablesOf(document: SpecDocument): readonly ShownEnable[] {
  const stanzas = stanzasOf(document).map(({ stanza }) => stanza);
  return stanzas.flatMap((iq, index) => {
    const enable = iq.children.find(({ local, namespace }) => local === 'enable' && namespace === WEBPUSH);
    const id = attribute(iq, 'id')?.value;
    if (!enable || attribute(iq, 'type')?.value !== 'set') return [];
    const answer = stanzas.slice(index + 1).find((stanza) => attribute(stanza, 'id')?.value === id);
    const child = (name: string): Value | undefined => {
      const node = enable.children.find(({ local, namespace }) => local === name && namespace === WEBPUSH);
      return node && textIn(node);
    };
    return [
      {
        endpoint: child('endpoint'),
        p256dh: child('p256dh'),
        auth: child('auth'),
        refused: answer !== undefined && attribute(answer, 'type')?.value === 'error',
      },
    ];
  });
}

/** The application server keys in the disco forms of a document. */
export function publishedKeysOf(document: SpecDocument): readonly Value[] {
  return stanzasOf(document)
    .flatMap(({ stanza }) => [...withDescendants(stanza)])
    .filter(({ local, namespace, children }) => {
      if (local !== 'x' || namespace !== 'jabber:x:data') return false;
      return children.some((field) => field.children.some(({ text }) => text.trim() === KEY_FORM));
    })
    .flatMap(({ children }) => children)
    .filter((field) => attribute(field, 'var')?.value === 'webpush#public-key')
    .flatMap((field) => field.children.map(textIn));
}

function textIn(node: XmlNode): Value {
  return { text: node.text.trim(), at: node.textAt ?? node.at };
}

/** The keys of a user agent, private half included, that a document gives so that bodies can be opened. */
export interface ShownKeys {
  readonly p256dh: string;
  readonly auth: string;
  /** 32 octets in base64url. */
  readonly d: string;
}

/** Those that belong together: nobody can open anything with others. */
export function privateKeysOf(document: SpecDocument): readonly ShownKeys[] {
  return shownKeysOf(document).flatMap(({ keys }) => (faultOf(keys) ? [] : [keys]));
}

function shownKeysOf(
  document: SpecDocument,
): readonly { readonly keys: ShownKeys; readonly example: Example }[] {
  return jsonExamples(document).flatMap(({ value, example }) => {
    const { p256dh, auth } = isObject(value.keys) ? value.keys : value;
    const { d } = value;
    return typeof p256dh === 'string' && typeof auth === 'string' && typeof d === 'string'
      ? [{ keys: { p256dh, auth, d }, example }]
      : [];
  });
}

/** Which of the keys is wrong, if one is. */
function faultOf({ p256dh, auth, d }: ShownKeys): 'p256dh' | 'auth' | 'd' | undefined {
  const point = decodeBase64url(p256dh);
  if (!point || !isPoint(point)) return 'p256dh';
  if (decodeBase64url(auth)?.length !== 16) return 'auth';
  const scalar = decodeBase64url(d);
  if (scalar?.length !== 32 || !p256.utils.isValidSecretKey(scalar)) return 'd';
  return encodeBase64url(p256.getPublicKey(scalar, false)) === p256dh ? undefined : 'd';
}

/** p256dh and auth are looked at wherever they stand. */
function checkPrivateKeys(document: SpecDocument): readonly SpecFinding[] {
  return shownKeysOf(document).flatMap(({ keys, example }) =>
    faultOf(keys) === 'd'
      ? [
          error(
            document,
            placeIn(example, keys.d).at,
            'webpush/key',
            'd is not the private half of p256dh, 32 octets in base64url without padding',
          ),
        ]
      : [],
  );
}

/** What an enable of the document gives, and what its key form publishes, is what a browser would give or take. */
export function checkSubscriptions(document: SpecDocument): readonly SpecFinding[] {
  const published = publishedKeysOf(document);
  const enables = enablesOf(document);
  return [
    ...published.flatMap((value) => checkKey(document, value, 'the application server key', 65)),
    ...differing(document, published, 'the application server key'),
    ...enables
      .filter(({ refused }) => !refused)
      .flatMap(({ p256dh, auth }) => [
        ...(p256dh ? checkKey(document, p256dh, 'p256dh', 65) : []),
        ...(auth ? checkKey(document, auth, 'auth', 16) : []),
      ]),
    ...checkJsonSubscriptions(document),
    ...checkPrivateKeys(document),
    ...enables.flatMap((enable) => checkEndpoint(document, enable)),
    ...checkReuse(document, [...jsonSubscriptionsOf(document), ...enables]),
  ];
}

/** base64url without padding of so many octets; 65 are an uncompressed point of P-256. */
function checkKey(
  document: SpecDocument,
  { text, at }: Value,
  name: string,
  octets: 65 | 16,
): readonly SpecFinding[] {
  if (isElided(text)) return [];
  const wrong = (message: string) => [error(document, at, 'webpush/key', `${name} ${message}`)];
  const expected = `${octets} octets in base64url without padding`;
  if (text.length === octets * 2 && /^[0-9a-fA-F]+$/.test(text))
    return wrong(`is hexadecimal, as in the experiment of 2019; expected ${expected}`);
  if (text.startsWith('MFkwEwYHKoZIzj0C'))
    return wrong(`is a SubjectPublicKeyInfo, as in the experiment of 2019; expected ${expected}`);
  const decoded = decodeBase64url(text);
  if (!decoded) return wrong(`is not base64url without padding; expected ${expected}`);
  if (decoded.length !== octets) return wrong(`has ${decoded.length} octets; expected ${octets}`);
  if (octets === 65 && !isPoint(decoded)) return wrong('is no uncompressed point of the curve P-256');
  return [];
}

function differing(document: SpecDocument, values: readonly Value[], name: string): readonly SpecFinding[] {
  const [first] = values;
  return values
    .filter(({ text }) => first && text !== first.text)
    .map(({ at }) =>
      warning(document, at, 'webpush/value', `${name} is another one than in line ${first?.at.line}`),
    );
}

/** A subscription as `PushSubscription.toJSON()` gives it has keys like any other. */
function checkJsonSubscriptions(document: SpecDocument): readonly SpecFinding[] {
  return jsonExamples(document).flatMap(({ value, example }) => {
    const keys = isObject(value.keys) ? value.keys : value;
    return (
      [
        ['p256dh', 65],
        ['auth', 16],
      ] as const
    ).flatMap(([name, octets]) => {
      const text = keys[name];
      return typeof text === 'string' ? checkKey(document, placeIn(example, text), name, octets) : [];
    });
  });
}

/** A subscription as `PushSubscription.toJSON()` gives it is what is enabled. */
function jsonSubscriptionsOf(document: SpecDocument): readonly ShownEnable[] {
  return jsonExamples(document).flatMap(({ value, example }) => {
    const { endpoint, keys } = value;
    if (typeof endpoint !== 'string' || !isObject(keys)) return [];
    const of = (text: unknown) => (typeof text === 'string' ? placeIn(example, text) : undefined);
    return [{ endpoint: of(endpoint), p256dh: of(keys.p256dh), auth: of(keys.auth), refused: false }];
  });
}

function checkEndpoint(document: SpecDocument, { endpoint, refused }: ShownEnable): readonly SpecFinding[] {
  if (!endpoint || refused || isElided(endpoint.text)) return [];
  const { text, at } = endpoint;
  if (/^https:\/\/[^/?#\s]+[^#\s]*$/i.test(text) && URL.canParse(text)) return [];
  return [
    error(document, at, 'webpush/endpoint', `"${text}" is no https URL, as an endpoint is (RFC 8030 §8)`),
  ];
}

/** The same endpoint has the same keys all over, unless an example shows that they change. */
function checkReuse(document: SpecDocument, enables: readonly ShownEnable[]): readonly SpecFinding[] {
  const first = new Map<string, ShownEnable>();
  return enables.flatMap((enable) => {
    const endpoint = enable.endpoint?.text;
    if (endpoint === undefined || enable.refused) return [];
    const earlier = first.get(endpoint);
    if (!earlier) {
      first.set(endpoint, enable);
      return [];
    }
    return (['p256dh', 'auth'] as const).flatMap((name) => {
      const [before, now] = [earlier[name], enable[name]];
      if (!before || !now || before.text === now.text) return [];
      const message = `${name} of this endpoint is another one than in line ${before.at.line}`;
      return [warning(document, now.at, 'webpush/value', message)];
    });
  });
}

export function jsonExamples(
  document: SpecDocument,
): readonly { readonly value: Readonly<Record<string, unknown>>; readonly example: Example }[] {
  return parsedExamples(document).parsed.flatMap((parsed: ParsedExample) =>
    parsed.kind === 'json' && isObject(parsed.value)
      ? [{ value: parsed.value, example: parsed.example }]
      : [],
  );
}

/** Where a string of a JSON example stands. */
export function placeIn({ source }: Example, text: string): Value {
  return { text, at: source.at(Math.max(source.text.indexOf(JSON.stringify(text)) + 1, 0)) };
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
