import xml from '@xmpp/xml';
import { enable, webpushNamespace } from '../scene/webpush.js';
import { accepted, enableId } from './template.js';

/** Padding to a multiple of four characters, as RFC 4648 §5 has it. */
const padded = (text: string) => text.padEnd(Math.ceil(text.length / 4) * 4, '=');

export const cases = [
  accepted({
    id: 'valid',
    title: 'an enable with endpoint, auth and p256dh is accepted',
    requirement: 'enable.result',
    request: (fields) => enable(enableId, fields),
  }),
  accepted({
    id: 'reversed-children',
    title: 'the order of the children does not matter',
    requirement: 'enable.order',
    request(fields) {
      const iq = enable(enableId, fields);
      iq.getChild('enable')?.children.reverse();
      return iq;
    },
  }),
  accepted({
    id: 'padded-keys',
    title: 'keys with padding are accepted',
    requirement: 'enable.padding',
    request: ({ auth, p256dh, ...rest }) =>
      enable(enableId, { ...rest, auth: padded(auth), p256dh: padded(p256dh) }),
  }),
  accepted({
    id: 'white-space',
    title: 'white space around the text of the children is ignored',
    requirement: 'enable.white-space',
    request: ({ endpoint, auth, p256dh }) =>
      enable(enableId, { endpoint: `\n    ${endpoint}\n  `, auth: ` ${auth}\t`, p256dh: `\n${p256dh}\n` }),
  }),
  accepted({
    id: 'own-address',
    title: "an enable addressed to the sender's bare JID is accepted",
    requirement: 'enable.own-address',
    to: ['own'],
    request: (fields) => enable(enableId, fields),
  }),
  accepted({
    id: 'foreign-child',
    title: 'a child in a namespace the server does not know is ignored',
    requirement: 'enable.foreign-child',
    request(fields) {
      const iq = enable(enableId, fields);
      iq.getChild('enable')?.append(
        xml('endpoint', { xmlns: 'urn:example:other' }, 'https://other.example/'),
      );
      return iq;
    },
  }),
  accepted({
    id: 'prefixed',
    title: 'an enable written with a namespace prefix is recognised',
    requirement: 'enable.namespace',
    request({ endpoint, auth, p256dh }) {
      return xml(
        'iq',
        { type: 'set', id: enableId },
        xml(
          'wp:enable',
          { 'xmlns:wp': webpushNamespace },
          xml('wp:endpoint', {}, endpoint),
          xml('wp:auth', {}, auth),
          xml('wp:p256dh', {}, p256dh),
        ),
      );
    },
  }),
  accepted({
    id: 'long-endpoint',
    title: 'an endpoint of 1000 octets is accepted',
    requirement: 'enable.endpoint-long',
    // As Windows does it: the capability is in the query, percent signs and all.
    query: `?token=${'BQYAAA%2f'.repeat(110)}`,
    request: (fields) => enable(enableId, fields),
  }),
];
