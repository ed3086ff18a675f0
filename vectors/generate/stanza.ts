import type { RequirementId } from '../../suites/requirements/catalogue.js';
import type {
  Condition,
  DisableExpected,
  EnableExpected,
  NotHandled,
  Refused,
  StanzaInput,
} from '../kinds.js';
import { assemble, type Draft, negative, positive } from './assemble.js';
import { base64url, userAgentFor } from './message.js';
import { ACCOUNT, element } from './stanza-text.js';

type EnableDraft = Draft<StanzaInput, EnableExpected | Refused | NotHandled>;
type DisableDraft = Draft<StanzaInput, DisableExpected | Refused | NotHandled>;

const WEBPUSH = 'urn:xmpp:webpush:0';
const ENDPOINT = 'https://push.example.net/p/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV';
const OTHER_ENDPOINT = 'https://push.example.net/p/another';
const keys = userAgentFor('stanza');
const AUTH = base64url(keys.auth);
const P256DH = base64url(keys.publicKey);

const MALFORMED = { result: 'invalid', conditions: ['bad-request'] } as const;
const ANY = { result: 'invalid', conditions: ['any'] } as const;
const NOT_HANDLED = { result: 'invalid', conditions: ['none'] } as const;

type Attributes = Readonly<Record<string, string | undefined>>;

const iq = (attributes: Attributes, ...content: readonly string[]): string =>
  element(
    'iq',
    { xmlns: 'jabber:client', type: 'set', id: 'webpush-1', from: `${ACCOUNT}/balcony`, ...attributes },
    ...content,
  );
const input = (stanza: string): StanzaInput => ({ stanza });

const endpoint = element('endpoint', {}, ENDPOINT);
const auth = element('auth', {}, AUTH);
const p256dh = element('p256dh', {}, P256DH);
const payload = (attributes: Attributes) => element('payload', attributes);
const enable = (...content: readonly string[]) => element('enable', { xmlns: WEBPUSH }, ...content);
const enabling = (...content: readonly string[]) => iq({}, enable(...content));

function enables(
  name: string,
  title: string,
  requirement: RequirementId,
  stanza: string,
  policy: { readonly sender: boolean; readonly body: boolean } = { sender: true, body: false },
): EnableDraft {
  return positive(
    name,
    title,
    input(stanza),
    { result: 'valid', enable: { endpoint: ENDPOINT, auth: AUTH, p256dh: P256DH, payload: policy } },
    { requirement },
  );
}

function refused(
  name: string,
  fault: string,
  requirement: RequirementId,
  expected: Refused | NotHandled,
  stanza: string,
  sibling = 'enable',
): EnableDraft {
  return negative(name, sibling, fault, requirement, input(stanza), expected);
}

const children = { endpoint, auth, p256dh };
type Child = keyof typeof children;
const names: readonly Child[] = ['endpoint', 'auth', 'p256dh'];
const all = [endpoint, auth, p256dh];
const replaced = (child: Child, text: string) =>
  enabling(...names.map((name) => (name === child ? text : children[name])));

const good: readonly EnableDraft[] = [
  enables('enable', 'an enable', 'enable.result', enabling(...all)),
  enables(
    'enable-to-self',
    'an enable that is addressed to the own account',
    'enable.own-address',
    iq({ to: ACCOUNT }, enable(...all)),
  ),
  enables('enable-order', 'the children in reverse order', 'enable.order', enabling(...all.toReversed())),
  enables(
    'enable-white-space',
    'white space around the texts and between the children',
    'enable.white-space',
    enabling(
      '\n  ',
      element('endpoint', {}, `\n    ${ENDPOINT}\n  `),
      '\n  ',
      element('auth', {}, ` ${AUTH} `),
      '\n  ',
      element('p256dh', {}, `\t${P256DH}`),
      '\n',
    ),
  ),
  enables(
    'enable-prefix',
    'the same with a prefix',
    'enable.namespace',
    iq(
      {},
      `<w:enable xmlns:w='${WEBPUSH}'><w:endpoint>${ENDPOINT}</w:endpoint><w:auth>${AUTH}</w:auth><w:p256dh>${P256DH}</w:p256dh></w:enable>`,
    ),
  ),
  enables(
    'enable-cdata',
    'the endpoint in a CDATA section',
    'enable.result',
    enabling(element('endpoint', {}, `<![CDATA[${ENDPOINT}]]>`), auth, p256dh),
  ),
  enables(
    'enable-reference',
    'the endpoint with a character reference',
    'enable.result',
    enabling(element('endpoint', {}, ENDPOINT.replace('/p/', '&#x2f;p/')), auth, p256dh),
  ),
  enables(
    'enable-foreign-child',
    'a child in a namespace that nobody knows',
    'enable.foreign-child',
    enabling(...all, element('endpoint', { xmlns: 'urn:example:other' }, OTHER_ENDPOINT)),
  ),
  enables(
    'enable-later-child',
    'a child of this namespace that a later revision may add',
    'enable.foreign-child',
    enabling(...all, element('later', {}, 'text')),
  ),
  enables(
    'enable-later-attribute',
    'an attribute that a later revision may add',
    'enable.foreign-child',
    iq({}, element('enable', { xmlns: WEBPUSH, later: 'true' }, ...all)),
  ),
  ...(
    [
      ['text', 'asks for the text of messages', { body: 'true' }, { sender: true, body: true }],
      ['no-sender', 'asks not to name the sender', { sender: 'false' }, { sender: false, body: false }],
      ['both', 'says both', { sender: 'true', body: 'true' }, { sender: true, body: true }],
      [
        'digits',
        'says it in digits, as xs:boolean allows',
        { sender: '0', body: '1' },
        { sender: false, body: true },
      ],
      ['empty', 'says nothing', {}, { sender: true, body: false }],
      [
        'defaults',
        'says what is the default',
        { sender: 'true', body: 'false' },
        { sender: true, body: false },
      ],
    ] as const
  ).map(([name, title, attributes, policy]) =>
    enables(
      `enable-policy-${name}`,
      `a payload policy that ${title}`,
      'enable.result',
      enabling(...all, payload(attributes)),
      policy,
    ),
  ),
];

const faults: readonly EnableDraft[] = [
  ...names.map((child) =>
    refused(
      `without-${child}`,
      `there is no ${child}`,
      'enable.missing-child',
      MALFORMED,
      replaced(child, ''),
    ),
  ),
  ...names.map((child) =>
    refused(
      `empty-${child}`,
      `${child} is empty`,
      'enable.empty-child',
      MALFORMED,
      replaced(child, element(child, {})),
    ),
  ),
  ...names.map((child) =>
    refused(
      `blank-${child}`,
      `${child} holds white space alone`,
      'enable.empty-child',
      // A server that does not ignore white space, which is a SHOULD, may find another fault in it.
      ANY,
      replaced(child, element(child, {}, ' \n ')),
    ),
  ),
  ...names.map((child) =>
    refused(
      `two-${child}`,
      `there are two of ${child}`,
      'enable.duplicate-child',
      MALFORMED,
      enabling(...all, children[child]),
    ),
  ),
  refused(
    'two-endpoints-differ',
    'there is another endpoint too',
    'enable.duplicate-child',
    MALFORMED,
    enabling(...all, element('endpoint', {}, OTHER_ENDPOINT)),
  ),
  ...names.map((child) =>
    refused(
      `foreign-${child}`,
      `${child} is in another namespace`,
      'enable.namespace',
      MALFORMED,
      replaced(child, children[child].replace('>', " xmlns='urn:example:other'>")),
    ),
  ),
  refused(
    'auth-characters',
    'auth has an exclamation mark',
    'enable.encoding',
    MALFORMED,
    replaced('auth', element('auth', {}, `!${AUTH.slice(1)}`)),
  ),
  refused(
    'auth-15',
    'auth has 15 octets',
    'enable.auth-length',
    { result: 'invalid', conditions: ['not-acceptable'] },
    replaced('auth', element('auth', {}, base64url(keys.auth.subarray(1)))),
  ),
  refused(
    'p256dh-off-curve',
    'p256dh is no point of the curve',
    'enable.p256dh-on-curve',
    { result: 'invalid', conditions: ['not-acceptable'] },
    replaced(
      'p256dh',
      element('p256dh', {}, base64url(keys.publicKey.with(64, (keys.publicKey[64] ?? 0) ^ 1))),
    ),
  ),
  refused(
    'endpoint-http',
    'the endpoint has the scheme http',
    'enable.endpoint-https',
    { result: 'invalid', conditions: ['not-acceptable'] },
    replaced('endpoint', element('endpoint', {}, ENDPOINT.replace('https', 'http'))),
  ),
  refused('get', 'the IQ has the type get', 'enable.get', ANY, iq({ type: 'get' }, enable(...all))),
  refused(
    'other-namespace',
    'the namespace is urn:xmpp:webpush:1',
    'enable.namespace',
    NOT_HANDLED,
    iq({}, element('enable', { xmlns: 'urn:xmpp:webpush:1' }, ...all)),
  ),
  refused(
    'other-name',
    'the element is enabled',
    'enable.namespace',
    ANY,
    iq({}, element('enabled', { xmlns: WEBPUSH }, ...all)),
  ),
];

const disable = (attributes: Attributes, ...content: readonly string[]) =>
  iq({}, element('disable', { xmlns: WEBPUSH, ...attributes }, ...content));

function disables(
  name: string,
  title: string,
  requirement: RequirementId,
  stanza: string,
  what: DisableExpected['disable'],
): DisableDraft {
  return positive(name, title, input(stanza), { result: 'valid', disable: what }, { requirement });
}

const refusedDisable = (
  name: string,
  sibling: string,
  fault: string,
  requirement: RequirementId,
  expected: { readonly result: 'invalid'; readonly conditions: readonly Condition[] } | NotHandled,
  stanza: string,
): DisableDraft => negative(name, sibling, fault, requirement, input(stanza), expected);

const disabling: readonly DisableDraft[] = [
  disables('disable-endpoint', 'a disable of an endpoint', 'disable.result', disable({}, endpoint), {
    endpoint: ENDPOINT,
  }),
  disables(
    'disable-session',
    'a disable of what the session is bound to',
    'disable.own-session',
    disable({}),
    'own-session',
  ),
  disables('disable-all', 'a disable of everything', 'disable.all', disable({ all: 'true' }), 'all'),
  disables(
    'disable-all-1',
    'the same with a digit, as xs:boolean allows',
    'disable.all',
    disable({ all: '1' }),
    'all',
  ),
  disables(
    'disable-all-false',
    'all is false',
    'disable.own-session',
    disable({ all: 'false' }),
    'own-session',
  ),
  disables(
    'disable-all-false-endpoint',
    'all is false beside an endpoint',
    'disable.result',
    disable({ all: 'false' }, endpoint),
    { endpoint: ENDPOINT },
  ),
  disables(
    'disable-white-space',
    'white space around the endpoint',
    'disable.result',
    disable({}, element('endpoint', {}, `\n  ${ENDPOINT}\n`)),
    { endpoint: ENDPOINT },
  ),
  disables(
    'disable-foreign-child',
    'a child in a namespace that nobody knows',
    'disable.own-session',
    disable({}, element('endpoint', { xmlns: 'urn:example:other' }, OTHER_ENDPOINT)),
    'own-session',
  ),
  refusedDisable(
    'disable-both',
    'disable-endpoint',
    'all is true beside the endpoint',
    'disable.malformed',
    MALFORMED,
    disable({ all: 'true' }, endpoint),
  ),
  refusedDisable(
    'disable-two-endpoints',
    'disable-endpoint',
    'there are two endpoints',
    'disable.malformed',
    MALFORMED,
    disable({}, endpoint, element('endpoint', {}, OTHER_ENDPOINT)),
  ),
  refusedDisable(
    'disable-same-twice',
    'disable-endpoint',
    'the endpoint is there twice',
    'disable.malformed',
    MALFORMED,
    disable({}, endpoint, endpoint),
  ),
];

export const stanza = () =>
  assemble(
    'stanza',
    'Enable and disable',
    [
      'enables, disables: a client sends input.stanza in a session of its account. A valid one is answered with an IQ result, and does what expected says; texts are without the white space around them.',
      'An invalid one changes nothing and is answered with an error of type modify and one of the conditions. "any" is any error; "none": the stanza is of another protocol, and whatever is answered, nothing is enabled or disabled.',
      'not-acceptable is a SHOULD (enable.not-acceptable).',
    ],
    {
      enables: { title: 'Enables', tests: [...good, ...faults] },
      disables: { title: 'Disables', tests: disabling },
    },
  );
