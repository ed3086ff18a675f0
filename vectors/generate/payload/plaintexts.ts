import type { RequirementId } from '../../../suites/requirements/catalogue.js';
import type { PlaintextExpected, PlaintextInput } from '../../kinds.js';
import { type Draft, negative, positive } from '../assemble.js';
import { base64url, join, utf8 } from '../message.js';
import { ACCOUNT, PEER, ROOM } from '../stanza-text.js';

type PlaintextDraft = Draft<PlaintextInput, PlaintextExpected>;

const members = {
  v: 1,
  account: ACCOUNT,
  kind: 'message',
  type: 'chat',
  from: PEER,
  id: '2026-11-22-f7c1',
  time: '2026-11-22T12:00:00.000Z',
  body: 'New Message!',
} as const;
type Members = Readonly<Record<string, unknown>>;

const plaintext = (value: Members): PlaintextInput => ({ plaintext: base64url(utf8(JSON.stringify(value))) });
/** Spelled otherwise than JSON.stringify would. */
const spelled = (text: string): PlaintextInput => ({ plaintext: base64url(utf8(text)) });

function readable(name: string, title: string, requirement: RequirementId, value: Members): PlaintextDraft {
  return positive(name, title, plaintext(value), { result: 'valid', members: value }, { requirement });
}

function wrong(
  name: string,
  fault: string,
  requirement: RequirementId,
  input: PlaintextInput,
  sibling = 'payload',
): PlaintextDraft {
  return negative(name, sibling, fault, requirement, input, { result: 'invalid' });
}

const changed = (changes: Members) => plaintext({ ...members, ...changes });
const octetsOf = (value: Members) => utf8(JSON.stringify(value));
const accented = { ...members, body: 'Zür' };
const accent = { ...members, body: 'Zü' };
const euro = { ...members, body: 'Zur €' };
const rose = { ...members, body: 'A \u{1f339}' };
const inOctets = (value: Members) => Buffer.from(JSON.stringify(value));

/** Octets in place of a character. */
function withOctets(value: Members, character: string, octets: readonly number[]): PlaintextInput {
  const all = inOctets(value);
  const at = all.indexOf(character);
  const rest = all.subarray(at + Buffer.byteLength(character));
  return { plaintext: base64url(join(all.subarray(0, at), Uint8Array.from(octets), rest)) };
}

/** Of a character only so many octets. */
const cutWithin = (value: Members, character: string, kept: number) =>
  withOctets(value, character, [...utf8(character).subarray(0, kept)]);
const inRoomMembers = { ...members, type: 'groupchat', from: ROOM, nick: 'mercutio' };

export const plaintexts: readonly PlaintextDraft[] = [
  readable('payload', 'a payload with all that a chat message has', 'payload.json', members),
  readable('least', 'the least that a payload has', 'payload.json', {
    v: 1,
    account: ACCOUNT,
    kind: 'message',
  }),
  readable('groupchat', 'a message in a room', 'payload.from', inRoomMembers),
  readable('call', 'a call', 'payload.kind', {
    v: 1,
    account: ACCOUNT,
    kind: 'call',
    type: 'chat',
    from: PEER,
    time: members.time,
  }),
  readable('call-retract', 'a call that was taken back', 'payload.kind', {
    ...members,
    kind: 'call-retract',
    body: undefined,
  }),
  readable('invite', 'an invitation', 'payload.kind', { ...members, kind: 'invite', type: 'normal' }),
  readable('encrypted', 'an encrypted message', 'payload.encrypted', { ...members, encrypted: true }),
  readable('no-sender', 'no sender', 'payload.no-sender', { ...members, from: undefined }),
  readable('unknown-member', 'a member that nobody knows, which a client ignores', 'client.unknown-members', {
    ...members,
    later: true,
  }),
  readable('accented', 'a text with a character of two octets', 'payload.json', accented),
  readable('accent', 'a text that ends in a character of two octets', 'payload.cut', accent),
  readable('euro', 'a text that ends in a character of three octets', 'payload.cut', euro),
  readable('rose', 'a text that ends in a character of four octets', 'payload.cut', rose),
  readable('slash', 'a text that is a slash', 'payload.json', { ...members, body: '/' }),
  positive(
    'white-space',
    'white space between the members',
    spelled(JSON.stringify(members, undefined, 2)),
    { result: 'valid', members },
    { requirement: 'payload.json' },
  ),
  positive(
    'escapes',
    'a text with escapes',
    spelled(JSON.stringify(members).replace('!', '\\u0021')),
    { result: 'valid', members },
    { requirement: 'payload.json' },
  ),
  wrong('no-v', 'there is no v', 'payload.json', changed({ v: undefined })),
  wrong('v-text', 'v is a text', 'payload.json', changed({ v: '1' })),
  wrong('v-2', 'v is 2', 'payload.json', changed({ v: 2 })),
  wrong('no-account', 'there is no account', 'payload.json', changed({ account: undefined })),
  wrong('no-kind', 'there is no kind', 'payload.json', changed({ kind: undefined })),
  wrong('account-full', 'account is a full JID', 'payload.account', changed({ account: `${ACCOUNT}/web` })),
  wrong(
    'account-localpart',
    'account is the localpart alone',
    'payload.account',
    changed({ account: 'juliet@' }),
  ),
  wrong('account-number', 'account is a number', 'payload.account', changed({ account: 1 })),
  wrong('kind-unknown', 'kind is chat', 'payload.kind', changed({ kind: 'chat' })),
  wrong('kind-case', 'kind is in upper case', 'payload.kind', changed({ kind: 'Message' })),
  wrong('from-full', 'from is a full JID', 'payload.from', changed({ from: `${PEER}/orchard` })),
  wrong(
    'from-occupant',
    'from is the JID of an occupant',
    'payload.from',
    plaintext({ ...inRoomMembers, from: `${ROOM}/mercutio` }),
    'groupchat',
  ),
  wrong('array', 'the object is in an array', 'payload.json', spelled(`[${JSON.stringify(members)}]`)),
  wrong('text', 'it is the text alone', 'payload.json', spelled('New Message!')),
  wrong('empty', 'it is empty', 'payload.json', { plaintext: '' }),
  wrong('null', 'it is null', 'payload.json', spelled('null')),
  wrong('trailing-text', 'a second object follows', 'payload.json', spelled(`${JSON.stringify(members)}{}`)),
  wrong('padding-left', 'the padding is still there', 'payload.json', {
    plaintext: base64url(join(octetsOf(members), new Uint8Array(3))),
  }),
  wrong('delimiter-left', 'the delimiter is still there', 'payload.json', {
    plaintext: base64url(join(octetsOf(members), Uint8Array.of(2))),
  }),
  wrong('comment', 'there is a comment', 'payload.json', spelled(`/* Romeo */${JSON.stringify(members)}`)),
  wrong('v-null', 'v is null', 'payload.json', changed({ v: null })),
  wrong('account-empty', 'account is empty', 'payload.account', changed({ account: '' })),
  wrong('kind-number', 'kind is a number', 'payload.kind', changed({ kind: 1 })),
  wrong(
    'kind-subscribe',
    'kind is subscribe, which this version does not have',
    'payload.kind',
    changed({ kind: 'subscribe' }),
  ),
  wrong('from-empty', 'from is empty', 'payload.from', changed({ from: '' })),
  wrong('from-number', 'from is a number', 'payload.from', changed({ from: 1 })),
  wrong('cut-json', 'the closing brace is missing', 'payload.json', {
    plaintext: base64url(octetsOf(members).subarray(0, -1)),
  }),
  wrong(
    'single-quotes',
    'the texts are in single quotation marks',
    'payload.json',
    spelled(JSON.stringify(members).replaceAll('"', "'")),
  ),
  wrong('byte-order-mark', 'a byte order mark precedes it', 'payload.json', {
    plaintext: base64url(join(Uint8Array.of(0xef, 0xbb, 0xbf), octetsOf(members))),
  }),
  wrong(
    'latin-1',
    'it is in ISO 8859-1',
    'payload.json',
    { plaintext: base64url(new Uint8Array(Buffer.from(JSON.stringify(accented), 'latin1'))) },
    'accented',
  ),
  wrong('utf-16', 'it is in UTF-16', 'payload.json', {
    plaintext: base64url(new Uint8Array(Buffer.from(JSON.stringify(members), 'utf16le'))),
  }),
  wrong(
    'escaped-half',
    'half of a surrogate pair is left of the last character',
    'payload.cut',
    spelled(JSON.stringify(rose).replace('\u{1f339}', '\\ud83c')),
    'rose',
  ),
  ...([1, 2] as const).map((kept) =>
    wrong(
      `cut-euro-${kept}`,
      `the text ends after ${kept} of 3 octets of its last character`,
      'payload.cut',
      cutWithin(euro, '€', kept),
      'euro',
    ),
  ),
  ...([1, 2, 3] as const).map((kept) =>
    wrong(
      `cut-rose-${kept}`,
      `the text ends after ${kept} of 4 octets of its last character`,
      'payload.cut',
      cutWithin(rose, '\u{1f339}', kept),
      'rose',
    ),
  ),
  wrong(
    'overlong',
    'a slash is written in two octets',
    'payload.json',
    withOctets({ ...members, body: '/' }, '/', [0xc0, 0xaf]),
    'slash',
  ),
  wrong(
    'cesu-8',
    'a character beyond U+FFFF is written as two surrogates',
    'payload.json',
    withOctets(rose, '\u{1f339}', [0xed, 0xa0, 0xbc, 0xed, 0xbc, 0xb9]),
    'rose',
  ),
  wrong(
    'raw-newline',
    'a line break stands in a text as it is',
    'payload.json',
    spelled(JSON.stringify(members).replace('New ', 'New\n')),
  ),
  wrong(
    'trailing-comma',
    'a comma follows the last member',
    'payload.json',
    spelled(JSON.stringify(members).replace('}', ',}')),
  ),
  wrong(
    'unquoted',
    'the names of the members are not in quotation marks',
    'payload.json',
    spelled(JSON.stringify(members).replace(/"(\w+)":/g, '$1:')),
  ),
  wrong('v-0', 'v is 0', 'payload.json', changed({ v: 0 })),
  wrong('nul-first', 'an octet of zero precedes it', 'payload.json', {
    plaintext: base64url(join(new Uint8Array(1), octetsOf(members))),
  }),
  wrong('xml', 'it is XML', 'payload.json', spelled(`<message to='${ACCOUNT}'/>`)),
  wrong(
    'form',
    'it is a form of a web page',
    'payload.json',
    spelled(`v=1&account=${encodeURIComponent(ACCOUNT)}&kind=message`),
  ),
  wrong('v-array', 'v is in an array', 'payload.json', changed({ v: [1] })),
  wrong('v-true', 'v is true', 'payload.json', changed({ v: true })),
  wrong('account-null', 'account is null', 'payload.account', changed({ account: null })),
  wrong('account-array', 'account is an array', 'payload.account', changed({ account: [ACCOUNT] })),
  wrong('kind-null', 'kind is null', 'payload.kind', changed({ kind: null })),
  wrong('kind-array', 'kind is an array', 'payload.kind', changed({ kind: ['message'] })),
  wrong(
    'cut-character',
    'the text ends after 1 of 2 octets of its last character',
    'payload.cut',
    cutWithin(accent, 'ü', 1),
    'accent',
  ),
];
