import type { Case } from '../harness/case/case.js';
import { cases as answerRemoval } from './answer/removal.suite.js';
import { cases as answerRetry } from './answer/retry.suite.js';
import { cases as archive } from './archive/archive.suite.js';
import { cases as disable } from './disable/disable.suite.js';
import { cases as disconnected } from './disconnected/disconnected.suite.js';
import { cases as discovery } from './discovery/discovery.suite.js';
import { cases as enableAccepted } from './enable/accepted.suite.js';
import { cases as enableRefused } from './enable/refused.suite.js';
import { cases as encryptionKeys } from './encryption/keys.suite.js';
import { cases as encryptionRecord } from './encryption/record.suite.js';
import { cases as hibernatedBatch } from './hibernated/batch.suite.js';
import { cases as hibernatedDelayed } from './hibernated/delayed.suite.js';
import { cases as hibernatedExpiry } from './hibernated/expiry.suite.js';
import { cases as hibernatedResumed } from './hibernated/resumed.suite.js';
import { cases as hibernatedRouted } from './hibernated/routed.suite.js';
import { cases as hibernatedUnacknowledged } from './hibernated/unacknowledged.suite.js';
import { cases as http } from './http/http.suite.js';
import { cases as importanceCalls } from './importance/calls.suite.js';
import { cases as importanceCarbons } from './importance/carbons.suite.js';
import { cases as importanceEdits } from './importance/edits.suite.js';
import { cases as importanceEncryption } from './importance/encryption.suite.js';
import { cases as importanceMessages } from './importance/messages.suite.js';
import { cases as importanceOthers } from './importance/others.suite.js';
import { cases as importanceRooms } from './importance/rooms.suite.js';
import { cases as importanceTriggers } from './importance/triggers.suite.js';
import { cases as live } from './live/live.suite.js';
import { cases as offline } from './offline/offline.suite.js';
import { cases as payloadMembers } from './payload/members.suite.js';
import { cases as payloadRequest } from './payload/request.suite.js';
import { cases as payloadText } from './payload/text.suite.js';
import { cases as registrationExpiry } from './registration/expiry.suite.js';
import { cases as registrationLimit } from './registration/limit.suite.js';
import { cases as registrationPersistence } from './registration/persistence.suite.js';
import type { RequirementId } from './requirements/catalogue.js';
import { cases as securityRate } from './security/rate.suite.js';
import { cases as securityRequestHeaders } from './security/request-headers.suite.js';
import { cases as security } from './security/security.suite.js';
import { cases as sessionsSameEndpoint } from './sessions/same-endpoint.suite.js';
import { cases as sessions } from './sessions/sessions.suite.js';
import { cases as vapidClaims } from './vapid/claims.suite.js';
import { cases as vapidField } from './vapid/field.suite.js';
import { cases as vapidKey } from './vapid/key.suite.js';
import { cases as vapidKeyChange } from './vapid/key-change.suite.js';

/** Every case there is, in the order of the XEP's chapters. */
export const cases: readonly Case<RequirementId>[] = [
  ...discovery,
  ...enableAccepted,
  ...enableRefused,
  ...disable,
  ...registrationLimit,
  ...registrationExpiry,
  ...registrationPersistence,
  ...importanceMessages,
  ...importanceEncryption,
  ...importanceCalls,
  ...importanceRooms,
  ...importanceEdits,
  ...importanceCarbons,
  ...importanceOthers,
  ...importanceTriggers,
  ...offline,
  ...disconnected,
  ...hibernatedRouted,
  ...hibernatedUnacknowledged,
  ...hibernatedDelayed,
  ...hibernatedBatch,
  ...hibernatedResumed,
  ...hibernatedExpiry,
  ...live,
  ...archive,
  ...sessions,
  ...sessionsSameEndpoint,
  ...payloadMembers,
  ...payloadText,
  ...payloadRequest,
  ...answerRemoval,
  ...answerRetry,
  ...security,
  ...securityRequestHeaders,
  ...securityRate,
  ...http,
  ...encryptionRecord,
  ...encryptionKeys,
  ...vapidField,
  ...vapidClaims,
  ...vapidKey,
  ...vapidKeyChange,
];
