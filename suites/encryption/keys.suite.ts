import {
  keysWithZeros,
  longText,
  manyPushes,
  manyScripts,
  oneCall,
  oneMessage,
  twoAccounts,
  twoDevices,
} from '../scene/plays.js';
import { type WireCase, wireCase } from '../scene/wire.js';

/** The keys of a message: RFC 8291 §3 and the derivations of RFC 8188 §2.2 and §2.3. */
const rows: readonly WireCase[] = [
  {
    id: 'opens',
    title: 'a message opens with the keys of its subscription',
    requirements: ['rfc8291.opens'],
    play: oneMessage,
  },
  {
    id: 'opens-scripts',
    title: 'a text in many scripts opens',
    requirements: ['rfc8291.opens'],
    play: manyScripts,
  },
  {
    id: 'opens-long-text',
    title: 'a text that fills the payload opens',
    requirements: ['rfc8291.opens'],
    play: longText,
  },
  {
    id: 'opens-call',
    title: 'a call opens',
    requirements: ['rfc8291.opens'],
    play: oneCall,
  },
  {
    id: 'opens-devices',
    title: 'of two devices each gets what opens with its own keys',
    requirements: ['rfc8291.opens'],
    play: twoDevices,
  },
  {
    id: 'opens-accounts',
    title: 'of two accounts on one endpoint both get what opens',
    requirements: ['rfc8291.opens'],
    play: twoAccounts,
  },
  {
    id: 'keys-with-zeros',
    title:
      'of twenty messages each has a whole key id and opens, also where octets of a key happen to be zero',
    requirements: ['rfc8291.keyid', 'rfc8291.key-derivation'],
    play: manyPushes,
  },
  {
    id: 'opens-leading-zeros',
    title: 'a message opens for a subscription whose keys begin with octets of zero',
    requirements: ['rfc8291.opens'],
    play: keysWithZeros,
  },
  {
    id: 'content-key-and-nonce',
    title: 'the content encryption key is derived as for aes128gcm, the nonce as for record 0',
    requirements: ['rfc8188.content-key', 'rfc8188.nonce'],
    play: oneMessage,
  },
  {
    id: 'fresh-salt-and-key',
    title: 'twenty messages have twenty salts and twenty key pairs',
    requirements: ['rfc8188.salt-random', 'rfc8291.ephemeral-key'],
    play: manyPushes,
  },
];

export const cases = rows.map((row) => wireCase('encryption', row));
