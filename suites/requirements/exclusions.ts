import type { webpush } from './webpush.js';

/** Sentences of Web Push that no test of a server can judge from outside, and why. */
export const exclusions: Readonly<Partial<Record<(typeof webpush)[number]['id'], string>>> = {
  'client.check-support': 'binds the client; the kit judges servers',
  'client.compare-key': 'binds the client; the kit judges servers',
  'client.enable-each-session': 'binds the client; the kit judges servers',
  'client.after-change': 'binds the client; the kit judges servers',
  'enable.storage-failure': 'needs a fault in the storage of the server under test',
  'client.disable-on-logout': 'binds the client; the kit judges servers',
  'important.room-mention': 'needs a room that tells absent members of mentions, which no client can play',
  'hibernated.extension': 'an extension that is permitted and takes hours shows nothing when it is absent',
  'client.stream-management': 'binds the client; the kit judges servers',
  'client.unknown-members': 'binds the client; the kit judges servers',
  'client.route': 'binds the client; the kit judges servers',
  'client.fetch': 'binds the client; the kit judges servers',
  'client.show': 'binds the client; the kit judges servers',
  'client.collapse': 'binds the client; the kit judges servers',
  'client.scopes': 'binds the client; the kit judges servers',
  'security.verification': 'binds extensions of the protocol',
  'security.key-storage': 'files and logs of the server under test are not visible from outside',
};
