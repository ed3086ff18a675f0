import { decodeBase64url } from '../../harness/judge/base64url.js';
import { isPoint } from '../../harness/judge/token.js';
import { discoFeature, discoForm } from '../../reference/stanza/disco.js';
import { differences } from '../difference.js';
import type { DiscoExpected, DiscoInput } from '../kinds.js';
import { elementOf } from './importance.js';
import type { Opinions } from './opinion.js';

const INFO = 'http://jabber.org/protocol/disco#info';
const FORM = 'http://jabber.org/protocol/webpush#public-key';
const PUBLISHED = 'BIcWaW_MiFXP9oTXrBixgMRGpMmMtDKhHrY4C-wSDpvMm4VSsWqSqjV41yfjTjuf29GdFLgYPx8pxp39MSijYQU';

/** A client that reads the answer, and the reference's own answer where the vector is the plain one. */
export const answers: Opinions<DiscoInput, DiscoExpected> = ({ id, input, expected, requirement }) => {
  const read = readKey(input.stanza);
  if (expected.result === 'invalid') return [{ by: 'client', expected: requirement, actual: read }];
  const { applicationServerKey } = expected;
  const client = { by: 'client', expected: { applicationServerKey }, actual: read };
  if (id !== 'disco/answer') return [client];
  const query = elementOf(input.stanza);
  const [identity] = query.getChild('query', INFO)?.getChildren('identity') ?? [];
  query.getChild('query', INFO)?.remove('feature').remove('x');
  query.getChild('query', INFO)?.append(discoFeature(), discoForm(applicationServerKey));
  const stanza = query.toString();
  return [
    client,
    { by: 'reference', expected: [], actual: identity ? differences(input, { stanza }) : ['no identity'] },
  ];
};

/** The key, or the sentence that the answer breaks. */
function readKey(stanza: string): { readonly applicationServerKey: string } | string {
  const query = elementOf(stanza).getChild('query', INFO);
  const features = query?.getChildren('feature').map(({ attrs }) => attrs.var) ?? [];
  if (!features.includes('urn:xmpp:webpush:0')) return 'discovery.feature';
  const forms = query?.getChildren('x', 'jabber:x:data') ?? [];
  const fieldsOf = (form: (typeof forms)[number], name: string) =>
    form.getChildren('field').filter(({ attrs }) => attrs.var === name);
  const ours = forms.filter((form) => fieldsOf(form, 'FORM_TYPE')[0]?.getChildText('value') === FORM);
  const [form, ...more] = ours;
  if (!form || more.length > 0 || form.attrs.type !== 'result') return 'discovery.form';
  const [field] = fieldsOf(form, 'webpush#public-key');
  if (!field) return 'discovery.form';
  const key = field.getChildText('value') ?? '';
  const octets = decodeBase64url(key);
  if (octets?.length !== 65 || octets[0] !== 4) return 'discovery.key-encoding';
  if (!isPoint(octets)) return 'discovery.key-on-curve';
  return key === PUBLISHED ? 'discovery.key-not-published' : { applicationServerKey: key };
}
