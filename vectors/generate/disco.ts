import type { RequirementId } from '../../suites/requirements/catalogue.js';
import type { DiscoExpected, DiscoInput } from '../kinds.js';
import { assemble, type Draft, negative, positive } from './assemble.js';
import { base64url, join, keyPairFor } from './message.js';
import { ACCOUNT, element } from './stanza-text.js';
import { compressed, hybrid, offCurve, spki } from './token.js';

type DiscoDraft = Draft<DiscoInput, DiscoExpected>;

const FORM_TYPE = 'http://jabber.org/protocol/webpush#public-key';
const FIELD = 'webpush#public-key';
const server = keyPairFor('application server');
const KEY = base64url(server.publicKey);
/** The key in the source of the 2019 experiment: everybody has its private half. */
const PUBLISHED = 'BIcWaW_MiFXP9oTXrBixgMRGpMmMtDKhHrY4C-wSDpvMm4VSsWqSqjV41yfjTjuf29GdFLgYPx8pxp39MSijYQU';

const value = (text: string) => element('value', {}, text);
const field = (name: string, type: string | undefined, text: string) =>
  element('field', { var: name, type }, value(text));
const formType = field('FORM_TYPE', 'hidden', FORM_TYPE);
const keyField = (key: string) => field(FIELD, 'text-single', key);
const form = (attributes: { readonly type?: string }, ...fields: readonly string[]) =>
  element('x', { xmlns: 'jabber:x:data', type: 'result', ...attributes }, ...fields);
const feature = (name: string) => element('feature', { var: name });
const identity = element('identity', { category: 'account', type: 'registered' });

interface Answer {
  readonly features?: readonly string[];
  readonly forms?: readonly string[];
}

function answer({
  features = ['urn:xmpp:webpush:0'],
  forms = [form({}, formType, keyField(KEY))],
}: Answer = {}): DiscoInput {
  const query = element(
    'query',
    { xmlns: 'http://jabber.org/protocol/disco#info' },
    identity,
    ...features.map(feature),
    ...forms,
  );
  const iq = {
    xmlns: 'jabber:client',
    type: 'result',
    id: 'disco-1',
    from: ACCOUNT,
    to: `${ACCOUNT}/balcony`,
  };
  return { stanza: element('iq', iq, query) };
}

const right = (name: string, title: string, requirement: RequirementId, input: DiscoInput): DiscoDraft =>
  positive(name, title, input, { result: 'valid', applicationServerKey: KEY }, { requirement });
export const wrong = (
  name: string,
  fault: string,
  requirement: RequirementId,
  input: DiscoInput,
): DiscoDraft => negative(name, 'answer', fault, requirement, input, { result: 'invalid' });
const withKey = (key: string) => answer({ forms: [form({}, formType, keyField(key))] });

const otherForm = form(
  {},
  field('FORM_TYPE', 'hidden', 'urn:xmpp:dataforms:softwareinfo'),
  field('software', undefined, 'example'),
);

const answers: readonly DiscoDraft[] = [
  right('answer', 'feature and form', 'discovery.form', answer()),
  right(
    'field-order',
    'the key comes before the FORM_TYPE',
    'discovery.form',
    answer({ forms: [form({}, keyField(KEY), formType)] }),
  ),
  right(
    'other-form',
    'there is a form of another type too',
    'discovery.form',
    answer({ forms: [otherForm, form({}, formType, keyField(KEY))] }),
  ),
  right(
    'other-features',
    'there are other features too',
    'discovery.feature',
    answer({ features: ['urn:xmpp:mam:2', 'urn:xmpp:webpush:0', 'urn:xmpp:carbons:2'] }),
  ),
  right(
    'untyped-field',
    'the field of the key has no type, as a result may',
    'discovery.form',
    answer({ forms: [form({}, formType, field(FIELD, undefined, KEY))] }),
  ),
  wrong('no-feature', 'the feature is not listed', 'discovery.feature', answer({ features: [] })),
  wrong(
    'feature-1',
    'the feature is that of another version',
    'discovery.feature',
    answer({ features: ['urn:xmpp:webpush:1'] }),
  ),
  wrong('no-form', 'there is no form', 'discovery.form', answer({ forms: [] })),
  wrong(
    'two-forms',
    'there are two forms',
    'discovery.form',
    answer({ forms: [form({}, formType, keyField(KEY)), form({}, formType, keyField(KEY))] }),
  ),
  wrong(
    'form-type-form',
    "the form has the type 'form'",
    'discovery.form',
    answer({ forms: [form({ type: 'form' }, formType, keyField(KEY))] }),
  ),
  wrong(
    'other-form-type',
    'the FORM_TYPE is the namespace',
    'discovery.form',
    answer({ forms: [form({}, field('FORM_TYPE', 'hidden', 'urn:xmpp:webpush:0'), keyField(KEY))] }),
  ),
  wrong(
    'no-form-type',
    'the form has no FORM_TYPE',
    'discovery.form',
    answer({ forms: [form({}, keyField(KEY))] }),
  ),
  wrong('no-field', 'the form has no key', 'discovery.form', answer({ forms: [form({}, formType)] })),
  wrong(
    'other-field',
    'the field is named public-key',
    'discovery.form',
    answer({ forms: [form({}, formType, field('public-key', 'text-single', KEY))] }),
  ),
  wrong(
    'key-empty',
    'the value is empty',
    'discovery.key-encoding',
    answer({
      forms: [
        form({}, formType, element('field', { var: FIELD, type: 'text-single' }, element('value', {}))),
      ],
    }),
  ),
  wrong('key-padded', 'the key is padded', 'discovery.key-encoding', withKey(`${KEY}=`)),
  wrong(
    'key-hexadecimal',
    'the key is in hexadecimal',
    'discovery.key-encoding',
    withKey(Buffer.from(server.publicKey).toString('hex')),
  ),
  wrong(
    'key-spki',
    'the key is a SubjectPublicKeyInfo, as in the 2019 experiment',
    'discovery.key-encoding',
    withKey(Buffer.from(spki(server.publicKey)).toString('base64')),
  ),
  wrong(
    'key-compressed',
    'the key is a compressed point',
    'discovery.key-encoding',
    withKey(base64url(compressed(server.publicKey))),
  ),
  wrong(
    'key-hybrid',
    'the key is a hybrid point',
    'discovery.key-encoding',
    withKey(base64url(hybrid(server.publicKey))),
  ),
  wrong(
    'key-without-04',
    'the key lacks its first octet',
    'discovery.key-encoding',
    withKey(base64url(server.publicKey.subarray(1))),
  ),
  wrong(
    'key-66',
    'the key has an octet too many',
    'discovery.key-encoding',
    withKey(base64url(join(server.publicKey, Uint8Array.of(0)))),
  ),
  wrong(
    'key-off-curve',
    'the key is no point of the curve',
    'discovery.key-on-curve',
    withKey(base64url(offCurve(server.publicKey))),
  ),
  wrong(
    'key-published',
    'the key is the one of the 2019 experiment, whose private half is published',
    'discovery.key-not-published',
    withKey(PUBLISHED),
  ),
];

export const disco = () =>
  assemble(
    'disco',
    'The answer to disco#info of the own account',
    [
      'answers: input.stanza is what a server answers the owner of an account. From a valid one a client takes applicationServerKey; an invalid one breaks the sentence named.',
    ],
    { answers: { title: 'Answers with the application server key', tests: answers } },
  );
