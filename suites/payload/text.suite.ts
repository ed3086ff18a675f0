import xml from '@xmpp/xml';
import { type Case, varied } from '../../harness/case/case.js';
import type { Evidence } from '../../harness/judge/evidence.js';
import type { Finding } from '../../harness/judge/finding.js';
import type { RequirementId } from '../requirements/catalogue.js';
import { needsOf, sentTo } from '../scene/away.js';
import { encryptionHint, legacyPgp, omemo, omemoNamespaces, openpgp } from '../scene/encrypted.js';
import { firstPayload, member, withholds } from '../scene/payload.js';
import { mucUser } from '../scene/rooms.js';
import { roleOf } from '../scene/scene.js';
import { body, directInvite } from '../scene/stanzas.js';
import { chat, message } from '../scene/webpush.js';
import { phone, sender, textWanted, told } from './template.js';

const text = 'Parting is such sweet sorrow.';
/** Octets of one to four for a character, from right to left, characters of several, and what JSON and XML escape. */
const texts = {
  latin: text,
  accents: 'Séparés, ô doux chagrin — naïve Œuvre.',
  cyrillic: 'Прощаться — сладкая печаль.',
  hebrew: 'שלום, שלום, עד מחר.',
  han: '離別是如此甜蜜的憂傷。',
  emoji: '🌹👩‍❤️‍👨🏽 1️⃣',
  combining: 'e\u0301 n\u0303 \u0bb9\u0bbf',
  escapes: '"\\/\u2028 <&> \'\tnew\nline',
} as const;
const scripts = ['latin', 'accents', 'cyrillic', 'hebrew', 'han', 'emoji', 'combining', 'escapes'] as const;

const fallbackText = 'This text stands in for an encrypted one.';
const password = 'cauldronburn';
const importantBody = 'Somebody calls from below.';

/** What a payload says of the text of a message, with and without the client's consent. */
export const cases: readonly Case<RequirementId>[] = [
  told({
    id: 'no-text',
    title: 'the text of a message is not told unless the client asked for it',
    requirements: ['payload.no-text'],
    stanza: (juliet) => chat(juliet, text),
    judge: (evidence) => [withholds(evidence, 'payload.no-text', phone, 'the text', textAndItsWords)],
  }),
  told({
    id: 'text-declined',
    title: 'the text of a message is not told when the client asked for none',
    requirements: ['payload.no-text'],
    consent: { body: false },
    stanza: (juliet) => chat(juliet, text),
    judge: (evidence) => [withholds(evidence, 'payload.no-text', phone, 'the text', textAndItsWords)],
  }),
  varied({
    id: 'payload/text',
    title: 'body is the text of the message when the client asked for it',
    requirements: ['payload.text'],
    vary: { script: scripts, away: ['offline', 'hibernated', 'archived'] },
    needsFor: ({ away }) => needsOf(away),
    async play(stage, { script, away }) {
      const romeo = await stage.sender(roleOf(sender));
      const juliet = await sentTo(stage, phone, away, romeo, ({ account }) => chat(account, texts[script]), {
        payload: textWanted,
      });
      await stage.pushed(juliet.subscription);
    },
    judge: (evidence, { script }) => [member(evidence, 'payload.text', phone, 'body', texts[script])],
  }),
  // No cut after a fixed number of octets, or of UTF-16 units, is between two characters in both.
  ...[
    { id: 'cut', before: '', where: 'from the first octet on' },
    { id: 'cut-odd', before: '!', where: 'after one octet' },
  ].map(({ id, before, where }) =>
    told({
      id,
      title: `a text that is too long is cut between two characters, of four octets each ${where}`,
      requirements: ['payload.cut', 'payload.bridged-size'],
      consent: textWanted,
      stanza: (juliet) => chat(juliet, before + '🌹'.repeat(1500)),
      judge: (evidence) => [
        isCut(evidence, before + '🌹'.repeat(1500)),
        othersRemain(evidence),
        firstPayload(
          evidence,
          'payload.bridged-size',
          phone,
          'a plaintext of at most 2800 octets',
          (payload) => {
            const octets = Buffer.byteLength(payload.text);
            return { met: octets <= 2800, actual: `a plaintext of ${octets} octets` };
          },
        ),
      ],
    }),
  ),
  ...encryptions().map(({ id, name, element }) =>
    told({
      id: `encrypted-${id}`,
      title: `the fallback body of a message encrypted with ${name} is not told`,
      requirements: ['payload.encrypted'],
      consent: textWanted,
      stanza: (juliet) => message(juliet, { type: 'chat' }, ...element(juliet.bareJid), body(fallbackText)),
      judge: (evidence) => [
        withholds(evidence, 'payload.encrypted', phone, 'the fallback body', [fallbackText]),
      ],
    }),
  ),
  told({
    id: 'direct-invite-password',
    title: 'the password in a direct invitation is not told',
    requirements: ['payload.secrets'],
    consent: textWanted,
    stanza: (juliet) =>
      message(
        juliet,
        {},
        body('Come to the balcony.'),
        directInvite('balcony@rooms.example', { password, reason: 'The lark sings here.' }),
      ),
    judge: (evidence) => [withholds(evidence, 'payload.secrets', phone, 'the password', [password])],
  }),
  told({
    id: 'mediated-invite-password',
    title: 'the password in a mediated invitation is not told',
    requirements: ['payload.secrets'],
    consent: textWanted,
    // Romeo plays the room, as not every room can have a password; to Juliet's server both are strangers.
    stanza: (juliet) =>
      message(
        juliet,
        {},
        body('The nurse invites you to the balcony.'),
        xml(
          'x',
          { xmlns: mucUser },
          xml('invite', { from: 'nurse@capulet.example' }, xml('reason', {}, 'The lark sings here.')),
          xml('password', {}, password),
        ),
      ),
    judge: (evidence) => [withholds(evidence, 'payload.secrets', phone, 'the password', [password])],
  }),
  told({
    id: 'important-body',
    title: 'body is the text the administrator set unless the client asked for that of the message',
    requirements: ['payload.important-body'],
    config: { importantBody },
    stanza: (juliet) => chat(juliet, text),
    judge: (evidence) => [member(evidence, 'payload.important-body', phone, 'body', importantBody)],
  }),
  told({
    id: 'important-body-is-no-text',
    title: 'the text the administrator set does not take the place of that of the message',
    requirements: ['payload.text'],
    consent: textWanted,
    config: { importantBody },
    stanza: (juliet) => chat(juliet, text),
    judge: (evidence) => [member(evidence, 'payload.text', phone, 'body', text)],
  }),
];

/** Not only the whole of it: a beginning would be told as well. */
const textAndItsWords = [text, 'Parting', 'sorrow'];

function encryptions() {
  return [
    ...omemoNamespaces.map((namespace) => ({
      id: `omemo-${namespace.replace(/^.*[.:]/, '')}`,
      name: `OMEMO (${namespace})`,
      element: (juliet: string) => [omemo(namespace, 'payload', juliet)],
    })),
    { id: 'openpgp', name: 'OpenPGP for XMPP', element: () => [openpgp()] },
    { id: 'legacy-pgp', name: 'the OpenPGP of the first days of XMPP', element: () => [legacyPgp()] },
    {
      id: 'unknown',
      name: 'something only a hint names',
      element: () => [encryptionHint('urn:example:cipher:0', 'Cipher')],
    },
  ];
}

/** A beginning of the text, whole characters only, with or without an ellipsis after it. */
function isCut(evidence: Evidence, whole: string): Finding {
  return firstPayload(
    evidence,
    'payload.cut',
    phone,
    'body: a beginning of the text, of whole characters',
    ({ members }) => {
      if (typeof members.body !== 'string') return { met: false, actual: 'no member body' };
      const kept = members.body.replace(/(?:…|\.\.\.)$/u, '');
      const met = kept !== '' && whole.startsWith(kept) && !/\p{Surrogate}/u.test(kept);
      const octets = Buffer.byteLength(kept);
      return {
        met,
        actual: met
          ? `body: ${octets} octets of the text`
          : `body: ${octets} octets that end in ${JSON.stringify(kept.slice(-3))}`,
      };
    },
  );
}

function othersRemain(evidence: Evidence): Finding {
  const others = ['v', 'account', 'kind', 'from'];
  return firstPayload(
    evidence,
    'payload.cut',
    phone,
    `the members ${others.join(', ')} beside the text`,
    ({ members }) => {
      const missing = others.filter((name) => members[name] === undefined);
      return {
        met: missing.length === 0,
        actual: missing.length === 0 ? 'all of them' : `no member ${missing.join(', ')}`,
      };
    },
  );
}
