import { assemble } from '../assemble.js';
import { cuts } from './cuts.js';
import { notifications } from './notifications.js';
import { plaintexts } from './plaintexts.js';

export const payload = () =>
  assemble(
    'payload',
    'Payloads',
    [
      'plaintexts: octets of a plaintext in base64url. A valid one is read as expected.members, an invalid one breaks the sentence named.',
      'notifications: the payload that a server makes of an important stanza, given what the client agreed to. In a negative the stanza, or the policy, would bring into the payload what must stay out. archiveId is the id in the account’s own archive. The member body is a SHOULD, and so is id.',
      'cuts: a text that has to fit into so many octets of UTF-8. It may end at one of the boundaries (payload.cut); expected.text ends where a reader sees a character end, which is better.',
    ],
    {
      plaintexts: {
        title: 'Plaintexts that a client reads, and such as no server may send',
        tests: plaintexts,
      },
      notifications: { title: 'What a notification tells', tests: notifications },
      cuts: { title: 'Texts that are too long', tests: cuts },
    },
  );
