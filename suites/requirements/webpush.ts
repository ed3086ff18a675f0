import { excluded, may, must, mustNot, type Sentence, section, should, shouldNot } from './sentence.js';

/** XEP-XXXX: Web Push (`urn:xmpp:webpush:0`), the sentences that bind a server. */
const document = 'XEP-XXXX';

const discovery = section(
  document,
  '4 Discovering Support',
  must(
    'discovery.feature',
    "A server that offers Web Push MUST list the feature 'urn:xmpp:webpush:0' when the owner of an account asks the account's bare JID for disco#info.",
  ),
  must(
    'discovery.form',
    "The reply MUST include exactly one data form of type 'result' whose FORM_TYPE is 'http://jabber.org/protocol/webpush#public-key' and which has a field 'webpush#public-key'.",
  ),
  must(
    'discovery.key-encoding',
    'The value of that field MUST be the application server key as a 65-octet uncompressed point in base64url without padding.',
  ),
  must('discovery.key-on-curve', 'The application server key MUST be a point on the curve P-256.'),
  mustNot(
    'discovery.key-not-published',
    'A server MUST NOT use an application server key whose private half has been published, such as the key in the source of the 2019 experiment.',
  ),
  must(
    'discovery.key-stable',
    'Every query MUST return the same application server key until an administrator changes it.',
  ),
  shouldNot(
    'discovery.owner-only',
    'A server SHOULD NOT include the feature or the form in a reply to anyone but the owner of the account.',
  ),
  mustNot('discovery.not-when-off', 'A server that cannot send Web Push MUST NOT advertise the feature.'),
  must(
    'discovery.repeatable',
    'The form MUST be obtainable at any time in a session, also after the stream was resumed.',
  ),
  mustNot(
    'discovery.private-key',
    'The private half of the application server key MUST NOT appear in any reply.',
  ),
  should(
    'discovery.key-per-host',
    'The accounts of one virtual host SHOULD share one application server key, and different virtual hosts SHOULD have different ones.',
  ),
);

const enable = section(
  document,
  '5 Enabling',
  must('enable.result', 'A server MUST answer a valid enable with an IQ result.'),
  mustNot('enable.order', 'A server MUST NOT depend on the order of the children of an enable.'),
  must(
    'enable.missing-child',
    "A server MUST answer an enable that lacks an endpoint, an auth or a p256dh with a 'bad-request' error of type 'modify'.",
  ),
  must('enable.empty-child', 'A server MUST treat an empty child of an enable as missing.'),
  must(
    'enable.encoding',
    "A server MUST answer an enable whose auth or p256dh is not base64url with a 'bad-request' error of type 'modify'.",
  ),
  should(
    'enable.not-acceptable',
    "A server SHOULD answer an enable whose values are well-formed but refused with a 'not-acceptable' error of type 'modify'.",
  ),
  must('enable.auth-length', 'A server MUST reject an auth that does not decode to 16 octets.'),
  must(
    'enable.p256dh-length',
    'A server MUST reject a p256dh that does not decode to 65 octets of which the first is 0x04.',
  ),
  must('enable.p256dh-on-curve', 'A server MUST reject a p256dh that is not a point on the curve P-256.'),
  must(
    'enable.2019-values',
    'A server MUST reject keys in the encodings of the 2019 experiment: hexadecimal text, or a SubjectPublicKeyInfo structure.',
  ),
  should('enable.padding', 'A server SHOULD accept base64url with and without padding for auth and p256dh.'),
  should(
    'enable.standard-alphabet',
    "A server SHOULD reject an auth or p256dh in the standard base64 alphabet, that is, with '+' or '/'.",
  ),
  must('enable.endpoint-absolute', 'A server MUST reject an endpoint that is not an absolute URL.'),
  must('enable.endpoint-https', "A server MUST reject an endpoint whose scheme is not 'https'."),
  should('enable.endpoint-userinfo', 'A server SHOULD reject an endpoint with a userinfo component.'),
  should('enable.endpoint-fragment', 'A server SHOULD reject an endpoint with a fragment.'),
  must(
    'enable.endpoint-address',
    'Unless an administrator allowed it, a server MUST reject an endpoint whose host is a loopback, private, link-local or unspecified address, in every notation, IPv4-mapped IPv6 included.',
  ),
  should('enable.endpoint-long', 'A server SHOULD accept an endpoint of at least 1000 octets.'),
  must(
    'enable.endpoint-too-long',
    'A server MUST reject an endpoint longer than it can keep, and never cut it.',
  ),
  must(
    'enable.duplicate-child',
    "A server MUST answer an enable with a second endpoint, auth or p256dh with 'bad-request'.",
  ),
  must('enable.foreign-child', 'A server MUST ignore children of an enable in namespaces it does not know.'),
  must(
    'enable.namespace',
    'A server MUST recognise an enable and its children by name and namespace, whatever the prefixes.',
  ),
  must('enable.get', "A server MUST answer an IQ of type 'get' that contains an enable with an error."),
  mustNot(
    'enable.other-account',
    'An enable addressed to the bare JID of another account MUST NOT make a registration for either account.',
  ),
  must(
    'enable.own-address',
    "A server MUST treat an enable without 'to' and one addressed to the sender's own bare JID alike.",
  ),
  must(
    'enable.same-endpoint',
    'Enabling an endpoint that is already registered MUST succeed and leave exactly one registration for it.',
  ),
  must(
    'enable.new-keys',
    'When an endpoint is enabled again with other keys, the server MUST use the new keys, and only those, from then on.',
  ),
  should('enable.white-space', 'A server SHOULD ignore white space around the text of the children.'),
  mustNot(
    'enable.rejected-changes-nothing',
    'A rejected enable MUST NOT change a registration or the binding of the session.',
  ),
  mustNot('enable.no-push', 'A server MUST NOT push merely because Web Push was enabled.'),
  excluded(
    must(
      'enable.storage-failure',
      "A server that cannot store a registration MUST answer with an error of type 'wait'.",
    ),
    'needs a fault in the storage of the server under test',
  ),
  mustNot(
    'enable.before-binding',
    'A server MUST NOT process an enable before the client is authenticated and has bound a resource.',
  ),
  mustNot('enable.no-echo', 'A server MUST NOT repeat the endpoint or the keys in its reply.'),
);

const disable = section(
  document,
  '6 Disabling',
  must(
    'disable.result',
    'A server MUST answer a disable that names a registered endpoint with an IQ result.',
  ),
  mustNot(
    'disable.no-more-pushes',
    'After that result the server MUST NOT send a request to that endpoint for this account, whatever happens.',
  ),
  must(
    'disable.only-one',
    'A disable that names an endpoint MUST leave all other registrations as they are.',
  ),
  must(
    'disable.own-session',
    'A disable without an endpoint MUST remove the registration that is bound to the session.',
  ),
  mustNot(
    'disable.other-devices',
    'A disable without an endpoint MUST NOT remove the registrations of other devices.',
  ),
  must(
    'disable.all',
    "A disable whose attribute 'all' is true MUST remove every registration of the account.",
  ),
  must(
    'disable.unknown',
    'A server MUST answer a disable for something that is not registered with an IQ result.',
  ),
  must(
    'disable.any-session',
    "A disable that names an endpoint MUST work from every session of the endpoint's account.",
  ),
  mustNot(
    'disable.other-account',
    'A disable by one account MUST NOT affect the registration of the same endpoint by another account.',
  ),
  must(
    'disable.waiting-push',
    'A push that waits, or awaits another try, for a removed registration MUST be discarded.',
  ),
  should('disable.when-off', 'Disabling SHOULD work while Web Push is switched off.'),
  must('disable.enable-again', 'An endpoint that was disabled MUST be accepted again by a later enable.'),
  must(
    'disable.malformed',
    "A server MUST answer a disable that names both an endpoint and 'all', or two endpoints, with 'bad-request'.",
  ),
);

const registrations = section(
  document,
  '7 Registrations',
  should('registration.five-devices', 'A server SHOULD allow at least five registrations for each account.'),
  must(
    'registration.limit',
    'When an account goes over its limit of registrations, the server MUST remove the least recently enabled one.',
  ),
  mustNot(
    'registration.refresh-evicts-nobody',
    'Enabling an endpoint again MUST NOT remove another registration.',
  ),
  must(
    'registration.refresh-protects',
    'Enabling an endpoint again MUST make it the most recently enabled one of its account.',
  ),
  must('registration.order-restart', 'The order of enabling MUST survive a restart of the server.'),
  mustNot(
    'registration.evicted',
    'A registration that was removed for the limit MUST NOT be pushed to, even while a session is bound to it.',
  ),
  must('registration.limit-per-account', 'The limit MUST be counted for each account alone.'),
  should(
    'registration.one-per-session',
    'When a session that is bound to a registration enables another endpoint, the server SHOULD remove the first.',
  ),
  shouldNot(
    'registration.lifetime',
    'A registration SHOULD NOT expire earlier than 30 days after it was last enabled.',
  ),
  excluded(
    mustNot(
      'registration.expiry',
      'A server that announces an expiry time MUST NOT push to a registration after it.',
    ),
    'announcing an expiry time is optional and the protocol has no form for it yet',
  ),
  must(
    'registration.restart',
    'Registrations with their keys and options MUST survive a restart of the server.',
  ),
  must('registration.removed-restart', 'A registration that was removed MUST stay removed after a restart.'),
  must(
    'registration.account-deleted',
    'Deleting an account MUST delete its registrations; a later account of the same name MUST NOT inherit them.',
  ),
  should(
    'registration.password-changed',
    'Changing the password of an account SHOULD delete its registrations.',
  ),
);

const importance = section(
  document,
  '8 What Is Important',
  must(
    'important.chat-body',
    "A message of type 'chat' with a non-empty body is important: the server MUST push it.",
  ),
  must(
    'important.normal-body',
    "A message of type 'normal', or without a type, with a non-empty body is important: the server MUST push it.",
  ),
  mustNot(
    'important.empty-body',
    'A server MUST NOT push a message whose body is empty and that has no other important payload.',
  ),
  mustNot('important.headline', "A server MUST NOT push a message of type 'headline'."),
  mustNot('important.error', "A server MUST NOT push a message of type 'error', even with a body."),
  mustNot('important.chat-state', 'A server MUST NOT push a chat state notification that stands alone.'),
  mustNot('important.receipt', 'A server MUST NOT push a delivery receipt without a body.'),
  must(
    'important.receipt-request',
    'A request for a receipt MUST NOT keep a message with a body from being pushed.',
  ),
  mustNot('important.marker', 'A server MUST NOT push a chat marker without a body.'),
  must(
    'important.omemo',
    'A server MUST push an OMEMO message with a payload, in each of its namespaces, also when it has no body.',
  ),
  mustNot('important.omemo-empty', 'A server MUST NOT push an OMEMO message without a payload.'),
  must('important.openpgp', 'A server MUST push an OpenPGP for XMPP message.'),
  must(
    'important.legacy-pgp',
    "A server MUST push a message with an 'x' in the namespace 'jabber:x:encrypted'.",
  ),
  should(
    'important.unknown-encryption',
    'A server SHOULD push a message that is only known to be encrypted by its explicit encryption hint.',
  ),
  must('important.call', 'A server MUST push a call proposal, as a notification of the kind call.'),
  should(
    'important.call-retract',
    'A server SHOULD push the retraction of a call proposal, as a notification of the kind call-retract.',
  ),
  shouldNot('important.call-progress', 'A server SHOULD NOT push any other message of a call negotiation.'),
  should('important.call-invite', 'A server SHOULD push a call invite.'),
  should(
    'important.direct-invite',
    'A server SHOULD push a direct invitation to a room, also without a body.',
  ),
  should(
    'important.mediated-invite',
    'A server SHOULD push a mediated invitation to a room, also without a body.',
  ),
  shouldNot('important.decline', 'A server SHOULD NOT push the declining of an invitation.'),
  mustNot('important.subject', 'A server MUST NOT push a change of the subject of a room.'),
  must(
    'important.groupchat-body',
    'A server MUST push a groupchat message with a body that reaches the account.',
  ),
  shouldNot(
    'important.own-reflection',
    "A server SHOULD NOT push the reflection of the account's own groupchat message.",
  ),
  shouldNot('important.correction', 'A server SHOULD NOT push the correction of a message.'),
  shouldNot(
    'important.retraction',
    'A server SHOULD NOT push the retraction of a message, also with a fallback body.',
  ),
  shouldNot('important.moderation', 'A server SHOULD NOT push the moderation of a message.'),
  shouldNot('important.reaction', 'A server SHOULD NOT push a reaction, also with a fallback body.'),
  must('important.reply', 'A server MUST push a reply with a body.'),
  must('important.received-carbon', 'A server MUST judge a received carbon by the message it carries.'),
  mustNot('important.sent-carbon', 'A server MUST NOT push a sent carbon.'),
  mustNot(
    'important.foreign-carbon',
    "A server MUST NOT look into a carbon that does not come from the account's own bare JID.",
  ),
  mustNot('important.presence', 'A server MUST NOT push presence other than subscription requests.'),
  may('important.subscription-request', 'A server MAY push a subscription request.'),
  mustNot('important.iq', 'A server MUST NOT push an IQ.'),
  mustNot('important.pep-event', 'A server MUST NOT push a PEP event notification.'),
  shouldNot(
    'important.no-store',
    "A server SHOULD NOT push a message with the hint 'no-store' for an account that is offline.",
  ),
  must(
    'important.no-permanent-store',
    "The hint 'no-permanent-store' MUST NOT keep a message with a body from being pushed.",
  ),
  mustNot('important.store-hint', "The hint 'store' MUST NOT make a message important."),
  mustNot('important.blocked', 'A server MUST NOT push a message from a JID that the account has blocked.'),
  must('important.private-message', 'A server MUST push a private message of a room occupant with a body.'),
  must('important.same-verdict', 'The same message MUST be judged alike by every trigger.'),
  must(
    'important.unknown-child',
    'A child that the server does not know MUST NOT change whether a message is important.',
  ),
);

const triggers = section(
  document,
  '9 When to Push',
  must(
    'offline.one-push',
    'When an account has no session, an important message to its bare JID MUST cause exactly one request for each of its registrations.',
  ),
  shouldNot('offline.after-storing', 'A server SHOULD NOT push a message before it has stored it.'),
  mustNot('offline.not-bounced', 'A server MUST NOT push a message that it returned to the sender.'),
  must(
    'offline.archive-and-offline',
    'A message that is archived and stored offline MUST cause one request for each registration, not two.',
  ),
  must(
    'offline.full-jid',
    'A message to a full JID that is gone, handled as one to the bare JID, MUST cause one request for each registration.',
  ),
  must(
    'offline.burst',
    'Several messages MUST cause at least one request for each registration and at most one for each message, and the last message MUST be told.',
  ),
  mustNot('offline.delivery-silent', 'Delivering stored messages at the next login MUST NOT cause a push.'),
  should(
    'offline.prompt',
    'A server SHOULD send the request within five seconds of the event that causes it.',
  ),
  must(
    'disconnected.like-offline',
    'After the loss of a session that cannot be resumed, the server MUST push as for an account that is offline once it has noticed.',
  ),
  must(
    'hibernated.one-push',
    'While the session bound to a registration hibernates, an important stanza routed to it MUST cause one request for that registration.',
  ),
  mustNot(
    'hibernated.acknowledged',
    'A stanza that the client acknowledged MUST NOT be pushed when its session begins to hibernate.',
  ),
  must(
    'hibernated.unacknowledged',
    'Important stanzas that are unacknowledged when a session begins to hibernate MUST cause at least one request.',
  ),
  should(
    'hibernated.unacknowledged-once',
    'Important stanzas of one conversation that are unacknowledged when a session begins to hibernate SHOULD cause one request together.',
  ),
  mustNot(
    'hibernated.unimportant',
    'Unimportant stanzas for a session that hibernates MUST NOT cause a request.',
  ),
  mustNot(
    'hibernated.resumed',
    'After a session was resumed, the server MUST NOT push the stanzas that the resumption delivered.',
  ),
  must(
    'hibernated.binding',
    'The binding of a session to its registration MUST survive its resumption, without a new enable.',
  ),
  mustNot(
    'hibernated.expiry-silent',
    'The end of a hibernation MUST NOT push what was already pushed for that registration.',
  ),
  must('hibernated.after-expiry', 'After the end of a hibernation the registration MUST continue to work.'),
  mustNot('hibernated.clean-close', 'Closing a stream MUST NOT by itself cause a push.'),
  should(
    'hibernated.delayed-ack',
    'When a client does not acknowledge an important stanza within a time that the administrator sets, the server SHOULD push it though the connection looks open.',
  ),
  mustNot(
    'live.suppress',
    'A session that is live and acknowledges MUST NOT cause pushes for its own registration.',
  ),
  excluded(
    may(
      'hibernated.extension',
      'A server MAY extend the time for resumption while no important stanza was pushed.',
    ),
    'an extension that is permitted and takes hours shows nothing when it is absent',
  ),
  should(
    'hibernated.batch',
    'Important stanzas of one conversation that arrive within the batch window SHOULD be told in one request.',
  ),
  mustNot('live.inactive', 'A client state of inactive MUST NOT by itself cause a push.'),
  must(
    'archive.other-devices',
    'When another session of the account is live, an archived message MUST cause one request for each registration that has neither a live nor a hibernated session.',
  ),
  mustNot(
    'archive.not-twice',
    'An archived message MUST NOT cause a second request for a registration that was told through its hibernated session.',
  ),
  mustNot(
    'archive.outgoing',
    'A message that the account itself sent MUST NOT cause a push to any of its registrations.',
  ),
  mustNot(
    'archive.namesake',
    'A message to an account with the same localpart on another host MUST NOT cause a push to the sender.',
  ),
  mustNot(
    'archive.preferences',
    'A message that was not archived because of the preferences of the account MUST NOT be pushed for being archived.',
  ),
  must(
    'sessions.two-hibernated',
    'When two sessions with different registrations hibernate, each registration MUST be told once, also by way of carbons.',
  ),
  must(
    'sessions.same-endpoint',
    'When two sessions have enabled the same endpoint, it MUST get one request for a message, and none while either session is live.',
  ),
  must(
    'sessions.two-accounts',
    'Two accounts that enabled the same endpoint MUST be told independently, each payload naming its account.',
  ),
  mustNot(
    'sessions.never-enabled',
    'A session that never enabled Web Push MUST NOT keep registrations from being pushed to.',
  ),
  shouldNot(
    'sessions.fresh-unbound',
    'A fresh session SHOULD NOT inherit the binding of an earlier one before it enables.',
  ),
);

const payload = section(
  document,
  '10 Payload',
  must(
    'payload.json',
    "The plaintext MUST be a JSON object in UTF-8 with the members 'v', 'account' and 'kind'.",
  ),
  must('payload.account', "The member 'account' MUST be the bare JID of the account that is told."),
  must(
    'payload.kind',
    "The member 'kind' MUST be one of 'message', 'call', 'call-retract' and 'invite', and fit the stanza.",
  ),
  must(
    'payload.from',
    "The member 'from' MUST be the bare JID of the sender or of the room, with the sender's nick in 'nick' for a room, unless the client asked for no sender.",
  ),
  mustNot('payload.no-sender', 'A payload MUST NOT tell the sender when the client asked for no sender.'),
  should(
    'payload.id',
    "The member 'id' SHOULD be the id of the message in the archive when it was archived.",
  ),
  mustNot(
    'payload.no-text',
    'Without the consent of the client, a payload MUST NOT contain the text of a message.',
  ),
  should(
    'payload.text',
    "When the client asked for the text of messages, the member 'body' SHOULD carry it.",
  ),
  must(
    'payload.cut',
    'A text that is too long MUST be cut at the boundary of a character; the other members MUST remain.',
  ),
  mustNot(
    'payload.encrypted',
    'The payload for an end-to-end encrypted message MUST NOT contain its fallback body.',
  ),
  mustNot('payload.secrets', 'A payload MUST NOT contain passwords or other secrets of an invitation.'),
  should(
    'payload.important-body',
    "Without the consent of the client, the member 'body' of an important message SHOULD be the text that the administrator set.",
  ),
  should(
    'payload.padding',
    'A server SHOULD pad the plaintext so that messages of 1 and of 100 characters cause bodies of equal length.',
  ),
  should('payload.bridged-size', 'A server SHOULD keep the plaintext, without padding, within 2800 octets.'),
  should('payload.call-ttl', 'The TTL of a push for a call SHOULD be at most 60 seconds.'),
  should('payload.call-urgency', "The Urgency of a push for a call SHOULD be 'high'."),
  mustNot('payload.topic-private', 'A Topic MUST NOT contain or encode a JID.'),
  must('payload.topic-distinct', 'The Topics of different conversations of one registration MUST differ.'),
);

const vapid = section(
  document,
  '11 Application Server Key',
  must(
    'vapid.key-as-advertised',
    "The parameter 'k' MUST be the application server key that was advertised when the registration was made.",
  ),
  must('vapid.key-restart', 'The application server key MUST be the same after a restart of the server.'),
  mustNot('vapid.no-personal-data', 'The token MUST NOT contain a JID of a user or other personal data.'),
  excluded(
    should(
      'vapid.key-change',
      'After a change of the application server key, a registration SHOULD be signed for with the key it was made with until it is enabled again.',
    ),
    'needs an administrator to change the key of the server under test',
  ),
);

const answers = section(
  document,
  '12 Answers of Push Services',
  must('answer.success', 'Any status of the class 2xx MUST count as success.'),
  must('answer.not-found', 'A server MUST remove a registration at once when its push service answers 404.'),
  must('answer.gone', 'A server MUST remove a registration at once when its push service answers 410.'),
  must(
    'answer.enable-again',
    'An endpoint that was removed for 404 or 410 MUST be accepted again by a later enable.',
  ),
  mustNot('answer.only-that-one', 'The answer for one registration MUST NOT affect another.'),
  must(
    'answer.too-many-requests',
    'After 429 a server MUST NOT send another request to that endpoint before the time in Retry-After has passed, given in seconds or as a date.',
  ),
  mustNot('answer.too-many-requests-keeps', 'A server MUST NOT remove a registration because of 429.'),
  mustNot(
    'answer.transient',
    'A server MUST NOT remove a registration at the first 500, 502, 503 or 504, timeout or failure of the connection.',
  ),
  should(
    'answer.retry',
    'After such a failure the server SHOULD try again, with growing intervals, a bounded number of times and within the TTL.',
  ),
  mustNot('answer.refused-no-retry', 'After 400, 401 or 403 a server MUST NOT send the same request again.'),
  must(
    'answer.refused-many',
    'A server MUST NOT remove a registration at the first 400, 401 or 403, and MUST remove it after at most 16 in a row.',
  ),
  should('answer.too-large', 'After 413 a server SHOULD send one smaller request.'),
  mustNot('answer.too-large-keeps', 'A server MUST NOT remove a registration because of 413.'),
  mustNot('answer.redirect', 'A server MUST NOT follow a redirect.'),
  mustNot(
    'answer.hanging',
    'A push service that does not answer MUST NOT delay messages, IQs or the pushes for other registrations.',
  ),
  mustNot(
    'answer.old-generation',
    'An answer to a request for keys that were replaced since MUST NOT remove the renewed registration.',
  ),
  mustNot('answer.not-reflected', "The body of a push service's answer MUST NOT reach a user."),
);

const security = section(
  document,
  '13 Security Considerations',
  must(
    'security.resolved-address',
    'The address to which the name of an endpoint resolves MUST obey the rules for addresses in endpoints when the connection is made.',
  ),
  must('security.certificate', 'A server MUST validate the certificate of a push service.'),
  mustNot(
    'security.other-accounts',
    'An account MUST NOT be able to read or remove the registrations of another.',
  ),
  mustNot('security.no-read-back', 'A server MUST NOT tell a client the endpoints or keys of other devices.'),
  mustNot(
    'security.remote-entities',
    'Entities other than the owner MUST NOT be able to enable, to disable, or to find out whether an account uses Web Push.',
  ),
  mustNot('security.sender-learns', 'The sender of a message MUST NOT learn whether a push was sent.'),
  mustNot(
    'security.request-headers',
    'The header fields of a request MUST NOT carry JIDs, ids of stanzas or the software of the user.',
  ),
  should(
    'security.rate',
    'A server SHOULD limit the requests for an account; over the limit the newest message MUST be told.',
  ),
  should('security.enable-flood', "A server SHOULD answer a flood of enables with 'resource-constraint'."),
  excluded(
    must(
      'security.key-storage',
      'The private half of the application server key and the auth secrets MUST be stored with restricted access and MUST NOT be logged.',
    ),
    'files and logs of the server under test are not visible from outside',
  ),
  excluded(
    mustNot(
      'security.verification',
      'A server that verifies subscriptions MUST NOT send another push before the client has confirmed the verification push.',
    ),
    'verification is optional and not part of this version',
  ),
);

export const webpush = [
  ...discovery,
  ...enable,
  ...disable,
  ...registrations,
  ...importance,
  ...triggers,
  ...payload,
  ...vapid,
  ...answers,
  ...security,
];

type IdOf<S> = S extends Sentence<infer Id> ? Id : never;
export type WebpushRequirement = IdOf<(typeof webpush)[number]>;
