import { assemble } from '../assemble.js';
import { calls } from './calls.js';
import { carbons } from './carbons.js';
import { changes } from './changes.js';
import { circumstances } from './circumstances.js';
import { encryption } from './encryption.js';
import { others } from './others.js';
import { rooms } from './rooms.js';
import { markers, receipts, states, texts, triggers } from './texts.js';

export const importance = () =>
  assemble(
    'importance',
    'What is important',
    [
      'stanzas: input.stanza is on its way to the account, whose devices are away as input.trigger says; ownOccupants are the JIDs under which the account is in rooms. Compare whether it is pushed; either is left to the server.',
      'kind and encrypted are what the payload says, and a call is pushed at once, without a batch window; rule names the rule of the reference that decides and binds nobody.',
      'A SHOULD or SHOULD NOT in requirements is a recommendation: a server with a reason may decide otherwise.',
      'circumstances: what a server has to know beside the stanza. The message is archived while another device of the account is in use; direction is outgoing when a device of the account sent it.',
    ],
    {
      stanzas: {
        title: 'Stanzas, and whether they are pushed',
        tests: [
          ...texts,
          ...states,
          ...markers,
          ...receipts,
          ...rooms,
          ...calls,
          ...changes,
          ...encryption,
          ...carbons,
          ...others,
          ...triggers,
        ],
      },
      circumstances: { title: 'Messages of the account itself', tests: circumstances },
    },
  );
