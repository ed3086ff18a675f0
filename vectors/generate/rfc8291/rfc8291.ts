import { assemble } from '../assemble.js';
import { bodies } from './bodies.js';
import { example, lengths, rarities } from './messages.js';
import { recipients } from './recipients.js';

export const rfc8291 = () =>
  assemble(
    'rfc8291',
    'Web Push encryption (RFC 8291)',
    [
      'All octets are base64url without padding. Private keys have 32 octets, public keys 65, auth and salt 16.',
      'messages: encrypt input.plaintext with the given salt and private key; every step and the body must come out octet for octet. Padding is octets of zero after the delimiter.',
      'bodies: open input.body with the keys of the user agent. An invalid one does not open, or (opens: true) opens although its sender broke the sentence named.',
      'recipients: an application server encrypts to the valid one and refuses the others.',
    ],
    {
      messages: {
        title: 'Messages that come out octet for octet',
        tests: [example, ...rarities, ...lengths],
      },
      bodies: { title: 'Bodies that open, and such as do not', tests: bodies },
      recipients: { title: 'What can be encrypted, and to whom', tests: recipients },
    },
  );
