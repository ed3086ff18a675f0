import { assemble } from '../assemble.js';
import { audiences } from './audiences.js';
import { claimFaults, fieldFaults, keyFaults, tokenFaults } from './invalid-requests.js';
import { keys } from './keys.js';
import { good } from './valid-requests.js';

export const rfc8292 = () =>
  assemble(
    'rfc8292',
    'Voluntary application server identification (RFC 8292)',
    [
      'All octets are base64url without padding; times are seconds since 1970.',
      'keys: input.jwk is a private key as JSON Web Key; k is its public half as it goes into the field. An invalid one is not taken.',
      'audiences: the claim aud for an endpoint.',
      'requests: judge the Authorization fields of a request to the endpoint at the time now, to a subscription made with applicationServerKey, whose body has the key id keyId. Signatures of ECDSA are random, so senders compare claims, not tokens.',
      'Requirements with the prefix "receivers." are what push services in use ask for beyond the RFCs: an RFC alone would let them pass.',
    ],
    {
      keys: { title: 'Key pairs', tests: keys },
      audiences: { title: 'Origins of endpoints', tests: audiences },
      requests: {
        title: 'How a request is identified',
        tests: [...good, ...claimFaults, ...tokenFaults, ...fieldFaults, ...keyFaults],
      },
    },
  );
