import { isDeepStrictEqual } from 'node:util';
import type { Catalogue } from '../../case/requirement.js';
import type { Examined } from '../../judge/evidence.js';
import { examineRequest } from '../../judge/examine.js';
import { judgeRequest } from '../../judge/wire.js';
import { createRecorder, type RequestEntry } from '../../transcript/transcript.js';
import type { Example, SpecDocument } from '../document.js';
import type { HttpMessage, HttpRequestLine } from '../example.js';
import { jidFault } from '../examples/addresses.js';
import { parsedExamples } from '../examples/parse.js';
import { attribute, error, stanzasOf, warning } from '../examples/structure.js';
import { isDateTime } from '../examples/times.js';
import { gravity, type SpecFinding } from '../finding.js';
import type { Position } from '../source-text.js';
import { enablesOf, isObject, jsonExamples, privateKeysOf, publishedKeysOf } from './subscriptions.js';

/** A push as an example shows it: an HTTP request in whose name a server would send. */
export interface ShownPush {
  readonly message: HttpMessage;
  readonly start: HttpRequestLine;
  readonly example: Example;
}

export function pushesOf(document: SpecDocument): readonly ShownPush[] {
  return parsedExamples(document).parsed.flatMap((example) => {
    if (example.kind !== 'http' || example.message.start.type !== 'request') return [];
    const { message } = example;
    const isPush =
      field(message, 'ttl') !== undefined ||
      /^vapid\b/i.test(field(message, 'authorization')?.value ?? '') ||
      /^aes(?:128)?gcm$/i.test(field(message, 'content-encoding')?.value ?? '');
    return isPush ? [{ message, start: example.message.start, example: example.example }] : [];
  });
}

/**
 * The pushes of a document, judged as if a server had sent them: by the same judges, which open the body when the document
 * gives the user agent's private key. Examples age, so nothing in them is held to the time of the check.
 *
 * @param catalogue tells how grave it is to break a sentence.
 */
export async function checkPushes(
  document: SpecDocument,
  catalogue: Catalogue,
): Promise<readonly SpecFinding[]> {
  const findings: SpecFinding[] = [];
  for (const push of pushesOf(document)) findings.push(...(await checkPush(document, push, catalogue)));
  return findings;
}

async function checkPush(
  document: SpecDocument,
  push: ShownPush,
  catalogue: Catalogue,
): Promise<readonly SpecFinding[]> {
  const { message, start } = push;
  const findings: SpecFinding[] = message.fields
    .filter(({ name }) => /^(?:crypto-key|encryption)$/i.test(name))
    .map(({ name, at }) =>
      error(document, at, 'webpush/request', `${name} is of drafts before RFC 8291; leave it out`),
    );
  const host = field(message, 'host');
  if (!host)
    findings.push(error(document, start.at, 'webpush/request', 'the request has no Host (RFC 9112 §3.2)'));
  const endpoint = `https://${host?.value}${start.target}`;
  const enables = enablesOf(document);
  const enabled = enables.find((enable) => !enable.refused && enable.endpoint?.text === endpoint);
  if (host && enables.length > 0 && !enabled)
    findings.push(
      error(document, start.at, 'webpush/request', `no example above enables the endpoint ${endpoint}`),
    );
  const body = message.body.replace(/\s+/g, '');
  if (!/^[A-Za-z0-9_-]*$/.test(body)) {
    const message_ = 'the body is not in base64url, in which examples show octets';
    return [...findings, error(document, message.bodyAt ?? start.at, 'webpush/request', message_)];
  }
  const octets = Buffer.from(body, 'base64url');
  findings.push(...checkLength(document, message, octets.length));

  const keys = privateKeysOf(document).find(({ p256dh }) => !enabled || p256dh === enabled.p256dh?.text);
  const examined = await examine(message, start, endpoint, body, keys);
  // A document that shows how a key changes publishes two.
  const published = publishedKeysOf(document);
  const key = published.find(({ text }) => text === examined.vapid.key) ?? published[0];
  const judged = judgeRequest(examined, {
    jids: bareJidsOf(document),
    ...(key ? { applicationServerKey: key.text } : {}),
  });
  for (const finding of judged) {
    if (finding.met || (keys === undefined && needsKeys.has(finding.requirement))) continue;
    const requirement = catalogue.get(finding.requirement);
    if (!requirement) continue;
    const at = placeOf(finding.requirement, push);
    const level = gravity(requirement.level);
    const source = `${requirement.document} §${requirement.section}`;
    const text = `expected ${finding.expected}, found ${finding.actual} (${source}, ${requirement.id})`;
    findings.push({ file: document.file, ...at, level, rule: 'webpush/request', message: text });
  }
  if (examined.opened.ok)
    findings.push(...checkPlaintext(document, examined.opened.json, message.bodyAt ?? start.at));
  return findings;
}

/** What only a body that can be opened shows. */
const needsKeys = new Set(['rfc8291.opens', 'rfc8030.end-to-end']);

function checkLength(document: SpecDocument, message: HttpMessage, octets: number): readonly SpecFinding[] {
  const length = field(message, 'content-length');
  if (!length || length.value === String(octets)) return [];
  return [
    error(
      document,
      length.valueAt,
      'webpush/request',
      `the body has ${octets} octets, Content-Length says ${length.value} (RFC 9110 §8.6)`,
    ),
  ];
}

/** A document that shows what it encrypts shows what the bodies hold. */
function checkPlaintext(document: SpecDocument, json: unknown, at: Position): readonly SpecFinding[] {
  const shown = jsonExamples(document).filter(({ value }) => 'v' in value);
  if (shown.length === 0 || shown.some(({ value }) => isDeepStrictEqual(value, json))) return [];
  const text = JSON.stringify(json) ?? 'no JSON';
  return [error(document, at, 'webpush/payload', `the body holds ${text}, which no example shows`)];
}

/** The request as the push service would have recorded it. */
async function examine(
  message: HttpMessage,
  { method, target }: HttpRequestLine,
  endpoint: string,
  body: string,
  keys: { readonly p256dh: string; readonly auth: string; readonly d: string } | undefined,
): Promise<Examined> {
  const now = timeOf(message);
  const recorder = createRecorder('example', () => now);
  const name = 'example/browser';
  if (keys)
    recorder.record({
      kind: 'subscription',
      name,
      endpoint,
      p256dh: keys.p256dh,
      auth: keys.auth,
      privateKey: keys.d,
    });
  const entry: RequestEntry = {
    kind: 'request',
    subscription: name,
    request: {
      httpVersion: '1.1',
      method,
      target,
      authority: field(message, 'host')?.value ?? '',
      headers: message.fields.map(({ name: header, value }) => [header, value] as const),
      body,
      complete: true,
    },
    answer: { type: 'status', status: 201 },
  };
  const recorded = recorder.record(entry);
  const examined = await examineRequest(
    recorder.transcript,
    { ...entry, seq: recorded.seq, at: recorded.at },
    { isSentinel: () => false },
  );
  return { ...examined, endpoint };
}

/**
 * When the example happens, in milliseconds: at its Date, when its token was issued, or an hour before that expires; never
 * now, for examples age.
 */
function timeOf(message: HttpMessage): number {
  const date = Date.parse(field(message, 'date')?.value ?? '');
  if (!Number.isNaN(date)) return date;
  const token = /\bt\s*=\s*"?([\w.-]+)/.exec(field(message, 'authorization')?.value ?? '')?.[1];
  try {
    const claims: unknown = JSON.parse(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString());
    if (isObject(claims) && typeof claims.iat === 'number') return claims.iat * 1000;
    if (isObject(claims) && typeof claims.exp === 'number') return (claims.exp - 3600) * 1000;
  } catch {
    // The judge of tokens says what is wrong with it.
  }
  return 0;
}

/** The addresses of a document, without which nobody can tell that a Topic gives one away. */
function bareJidsOf(document: SpecDocument): readonly string[] {
  const jids = stanzasOf(document).flatMap(({ stanza }) =>
    ['from', 'to'].flatMap((name) => attribute(stanza, name)?.value.split('/')[0] ?? []),
  );
  return [...new Set(jids.filter((jid) => jid.includes('@')))];
}

/** The part of the request that a sentence is about. */
function placeOf(requirement: string, { message, start, example }: ShownPush): Position {
  const name = Object.entries(FIELDS).find(([prefix]) => requirement.startsWith(prefix))?.[1];
  const found = name === undefined ? undefined : field(message, name);
  if (found && name === 'authorization')
    return placeInCredentials(requirement, found.value, example) ?? found.valueAt;
  if (found) return found.valueAt;
  if (/^(?:rfc8188|rfc8291|receivers)\./.test(requirement)) return message.bodyAt ?? start.at;
  return start.at;
}

const ABOUT_FIELD = /authorization$|\.parameters$|unquoted/;
const ABOUT_KEY = /key-form|signing-key|separate-keys|restricted-key/;

/** Token and key may stand in lines of their own. */
function placeInCredentials(requirement: string, value: string, { source }: Example): Position | undefined {
  if (ABOUT_FIELD.test(requirement)) return undefined;
  const name = ABOUT_KEY.test(requirement) ? 'k' : 't';
  const [, lead = '', text = ''] =
    new RegExp(`((?:^|[\\s,])${name}\\s*=\\s*"?)([^\\s",]+)`).exec(value) ?? [];
  const found = lead === '' || text === '' ? -1 : source.text.indexOf(text);
  return found === -1 ? undefined : source.at(found);
}

const FIELDS: Readonly<Record<string, string>> = {
  'rfc8030.ttl': 'ttl',
  'rfc8030.urgency': 'urgency',
  'rfc8030.topic': 'topic',
  'rfc8188.content-type': 'content-type',
  'rfc8291.content-coding': 'content-encoding',
  'rfc8292.': 'authorization',
  rfc751: 'authorization',
  'receivers.unquoted': 'authorization',
  'receivers.expiry': 'authorization',
  'receivers.audience': 'authorization',
  'receivers.subject': 'authorization',
};

function field(message: HttpMessage, name: string) {
  return message.fields.find((candidate) => candidate.name.toLowerCase() === name);
}

/** Payloads in examples are such as a server makes. */
export function checkPayloads(document: SpecDocument): readonly SpecFinding[] {
  if (pushesOf(document).length === 0) return [];
  return jsonExamples(document)
    .filter(({ value }) => 'v' in value)
    .flatMap(({ value, example }) => {
      const at = (member: string): Position => {
        const { text } = example.source;
        const name = new RegExp(`${JSON.stringify(member).replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}\\s*:\\s*`);
        const found = name.exec(text);
        return found ? example.source.at(found.index + found[0].length) : example.at;
      };
      return Object.entries(MEMBERS)
        .flatMap(([member, { isRequired, isLegal, expected }]) => {
          const given = value[member];
          if (given === undefined)
            return isRequired
              ? [error(document, example.at, 'webpush/payload', `the payload has no member "${member}"`)]
              : [];
          return isLegal(given)
            ? []
            : [
                error(
                  document,
                  at(member),
                  'webpush/payload',
                  `"${member}" is ${JSON.stringify(given)}, expected ${expected}`,
                ),
              ];
        })
        .concat(
          Object.keys(value)
            .filter((member) => !Object.hasOwn(MEMBERS, member))
            .map((member) =>
              warning(document, at(member), 'webpush/payload', `there is no member "${member}"`),
            ),
        );
    });
}

interface Member {
  readonly isRequired: boolean;
  readonly isLegal: (value: unknown) => boolean;
  readonly expected: string;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isBareJid = (value: unknown): boolean =>
  isText(value) && !value.includes('/') && jidFault(value) === undefined;
const oneOf = (...values: readonly string[]): Pick<Member, 'isLegal' | 'expected'> => ({
  isLegal: (value) => values.some((known) => known === value),
  expected: values.map((value) => `"${value}"`).join(', '),
});

/** The members of a payload, as the text of Web Push defines them. */
const MEMBERS: Readonly<Record<string, Member>> = {
  v: { isRequired: true, isLegal: (value) => value === 1, expected: '1' },
  account: { isRequired: true, isLegal: isBareJid, expected: 'a bare JID' },
  kind: { isRequired: true, ...oneOf('message', 'call', 'call-retract', 'invite') },
  type: { isRequired: false, ...oneOf('chat', 'groupchat', 'normal') },
  from: { isRequired: false, isLegal: isBareJid, expected: 'a bare JID' },
  nick: { isRequired: false, isLegal: isText, expected: 'a text' },
  id: { isRequired: false, isLegal: isText, expected: 'a text' },
  time: {
    isRequired: false,
    isLegal: (value) => isText(value) && isDateTime(value),
    expected: 'a DateTime (XEP-0082)',
  },
  encrypted: { isRequired: false, isLegal: (value) => value === true, expected: 'true or no such member' },
  body: { isRequired: false, isLegal: (value) => typeof value === 'string', expected: 'a text' },
};
