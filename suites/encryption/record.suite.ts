import { longText, manyScripts, oneMessage, shortWhile } from '../scene/plays.js';
import { type WireCase, wireCase } from '../scene/wire.js';

/** The body as octets: the content coding of RFC 8188, and what RFC 8291 §4 leaves of it. */
const rows: readonly WireCase[] = [
  {
    id: 'content-coding',
    title: 'the content coding is aes128gcm and no other',
    requirements: ['rfc8291.content-coding'],
    play: oneMessage,
  },
  {
    id: 'content-type',
    title: 'no Content-Type tells what is encrypted',
    requirements: ['rfc8188.content-type'],
    play: manyScripts,
  },
  {
    id: 'header',
    title: 'the body starts with salt, record size and key id, as octets',
    requirements: ['rfc8188.header'],
    play: oneMessage,
  },
  {
    id: 'single-record',
    title: 'a long text is encrypted as a single record',
    requirements: ['rfc8291.single-record'],
    play: longText,
  },
  {
    id: 'record-size',
    title: 'the record size is greater than the record of a short message, and than the least there may be',
    requirements: ['rfc8291.record-size', 'rfc8188.record-size'],
    play: oneMessage,
  },
  {
    id: 'record-size-of-long-text',
    title: 'the record size is greater than the record of a long text',
    requirements: ['rfc8291.record-size'],
    play: longText,
  },
  {
    id: 'tag',
    title: 'the record ends with an authentication tag of 16 octets, without additional data',
    requirements: ['rfc8188.tag'],
    play: oneMessage,
  },
  {
    id: 'delimiter',
    title: 'the data ends with the delimiter 0x02, and nothing but zeros follows',
    requirements: ['rfc8188.delimiter', 'rfc8188.padding'],
    play: oneMessage,
  },
  {
    id: 'body-limit',
    title: 'a text that fills the payload makes a body of at most 4096 octets',
    requirements: ['rfc8291.body-4096'],
    play: longText,
  },
  {
    id: 'record-size-4096',
    title: 'the record size is 4096',
    requirements: ['receivers.record-size-4096'],
    play: longText,
  },
  {
    id: 'record-size-signed',
    title: 'the record size is the same to those who read it with a sign',
    requirements: ['receivers.record-size-signed'],
    play: oneMessage,
  },
  {
    id: 'nonempty-plaintext',
    title: 'the plaintext is not empty',
    requirements: ['receivers.nonempty-plaintext'],
    play: oneMessage,
  },
  {
    id: 'small-body',
    title: 'the body stays below 4096 octets',
    requirements: ['receivers.small-body'],
    play: longText,
  },
  {
    id: 'salt-unique',
    title: 'no salt comes twice with the same keys',
    requirements: ['rfc8188.salt-unique'],
    play: shortWhile,
  },
];

export const cases = rows.map((row) => wireCase('encryption', row));
