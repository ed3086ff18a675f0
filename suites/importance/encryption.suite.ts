import type { Account } from '../../harness/case/stage.js';
import { encryptionHint, legacyPgp, omemo, omemoNamespaces, openpgp } from '../scene/encrypted.js';
import { body, hint } from '../scene/stanzas.js';
import { message } from '../scene/webpush.js';
import { important, unimportant } from './template.js';

/** End-to-end encrypted messages, most of which have no body. */
export const cases = [
  ...omemoNamespaces.flatMap((namespace) => {
    const name = `omemo-${namespace.replace(/^.*[.:]/, '')}`;
    return [
      important({
        id: name,
        title: `an OMEMO message (${namespace}) with a payload is pushed`,
        requirement: 'important.omemo',
        stanza: (juliet) =>
          message(juliet, { type: 'chat' }, omemo(namespace, 'payload', juliet.bareJid), hint('store')),
      }),
      unimportant({
        id: `${name}-empty`,
        title: `an OMEMO message (${namespace}) without a payload is not pushed`,
        requirement: 'important.omemo-empty',
        negative: { sibling: `importance/${name}`, fault: 'the payload is missing' },
        stanza: (juliet) =>
          message(juliet, { type: 'chat' }, omemo(namespace, 'empty', juliet.bareJid), hint('store')),
      }),
    ];
  }),
  important({
    id: 'omemo-hinted',
    title: 'an OMEMO message with a payload is pushed when a hint tells of it as well',
    requirement: 'important.omemo',
    stanza: (juliet) => hintedOmemo(juliet, 'payload'),
  }),
  unimportant({
    id: 'omemo-hinted-empty',
    title: 'an OMEMO message without a payload is not pushed for the hint that tells of it',
    requirement: 'important.omemo-empty',
    negative: { sibling: 'importance/omemo-hinted', fault: 'the payload is missing' },
    stanza: (juliet) => hintedOmemo(juliet, 'empty'),
  }),
  important({
    id: 'omemo-with-fallback-body',
    title: 'an OMEMO message with a payload and a fallback body is pushed',
    requirement: 'important.omemo',
    stanza: (juliet) =>
      message(
        juliet,
        { type: 'chat' },
        omemo('eu.siacs.conversations.axolotl', 'payload', juliet.bareJid),
        encryptionHint('eu.siacs.conversations.axolotl', 'OMEMO'),
        body('I sent you an OMEMO encrypted message.'),
        hint('store'),
      ),
  }),
  important({
    id: 'openpgp',
    title: 'an OpenPGP for XMPP message is pushed',
    requirement: 'important.openpgp',
    stanza: (juliet) => message(juliet, { type: 'chat' }, openpgp(), hint('store')),
  }),
  important({
    id: 'legacy-pgp',
    title: 'a message encrypted as in the first days of XMPP is pushed',
    requirement: 'important.legacy-pgp',
    stanza: (juliet) => message(juliet, { type: 'chat' }, legacyPgp(), hint('store')),
  }),
  important({
    id: 'unknown-encryption',
    title: 'a message that nothing but its hint shows to be encrypted is pushed',
    requirement: 'important.unknown-encryption',
    stanza: (juliet) =>
      message(juliet, { type: 'chat' }, encryptionHint('urn:example:cipher:0', 'Cipher'), hint('store')),
  }),
];

function hintedOmemo(juliet: Account, content: 'payload' | 'empty') {
  const namespace = 'urn:xmpp:omemo:2';
  return message(
    juliet,
    { type: 'chat' },
    omemo(namespace, content, juliet.bareJid),
    encryptionHint(namespace, 'OMEMO'),
    hint('store'),
  );
}
