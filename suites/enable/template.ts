import type { Element } from '@xmpp/xml';
import { type Case, varied } from '../../harness/case/case.js';
import type { Account } from '../../harness/case/stage.js';
import type { Evidence } from '../../harness/judge/evidence.js';
import type { Finding } from '../../harness/judge/finding.js';
import type { RequirementId } from '../requirements/catalogue.js';
import { nothingAtAll, pushes, refusal, result } from '../scene/judge.js';
import { enabledAndGone, fieldsOf } from '../scene/scene.js';
import {
  addressed,
  by,
  chat,
  connections,
  type EnableFields,
  type OwnAddress,
  ownAddresses,
} from '../scene/webpush.js';

/** The IQ that enables, from the values of a fresh subscription of Juliet's phone. */
type Request = (fields: EnableFields, juliet: Account) => Element;

/** The id under which every case of this area sends the enable it is about. */
export const enableId = 'enable';

interface AcceptedCase {
  readonly id: string;
  readonly title: string;
  readonly requirement: RequirementId;
  /** What the endpoint has after the path. */
  readonly query?: string;
  /** What the request is addressed to. By default nothing, or the account. */
  readonly to?: readonly [OwnAddress, ...OwnAddress[]];
  readonly request: Request;
}

/** An enable that is answered with a result and makes a registration: the next message is pushed. */
export function accepted(subject: AcceptedCase): Case<RequirementId> {
  const { id, title, requirement, query, to = ownAddresses, request } = subject;
  return {
    id: `enable/${id}`,
    title,
    requirements: [requirement],
    vary: { connection: connections, ...(to.length > 1 ? { to } : {}) },
    async play(stage, choice) {
      // Another device is there in every case of this area, for those that need a witness.
      const witness = await enabledAndGone(stage, 'juliet/tablet');
      const phone = await stage.connect('juliet/phone', {
        ...by(choice.connection),
        awaitPresence: false,
      });
      const subscription = stage.subscribe('juliet/phone', query === undefined ? {} : { query });
      const iq = request(fieldsOf(subscription), witness.account);
      const address = to.find((one) => one === choice.to) ?? to[0];
      await phone.request(addressed(iq, address, witness.account.bareJid));
      await phone.close();
      const romeo = await stage.sender('romeo');
      await romeo.send(chat(witness.account, 'Hark!'));
      await stage.pushed(subscription);
    },
    judge: (evidence) => [
      result(evidence, requirement, 'juliet/phone', enableId),
      pushes(evidence, requirement, 'juliet/phone', 1),
    ],
  };
}

interface RefusedCase {
  readonly id: string;
  readonly title: string;
  readonly requirements: readonly [RequirementId, ...RequirementId[]];
  readonly sibling?: string;
  readonly fault: string;
  readonly request: Request;
  /** What the answer must be; by default, any error. */
  readonly judge?: (evidence: Evidence) => readonly Finding[];
}

/**
 * An enable with one fault is refused and makes no registration: after it the device gets nothing for a message that
 * another device of the account gets.
 */
export function refused(subject: RefusedCase): Case<RequirementId> {
  const { id, title, requirements, sibling = 'enable/valid', fault, request } = subject;
  const judge =
    subject.judge ?? ((evidence) => [refusal(evidence, requirements[0], 'juliet/phone', enableId)]);
  return varied({
    id: `enable/${id}`,
    title,
    requirements: [...requirements, 'enable.rejected-changes-nothing'],
    negative: { sibling, fault },
    absence: 'sentinel',
    vary: { to: ownAddresses },
    async play(stage, { to }) {
      const witness = await enabledAndGone(stage, 'juliet/tablet');
      const phone = await stage.connect('juliet/phone', { awaitPresence: false });
      const subscription = stage.subscribe('juliet/phone');
      const iq = request(fieldsOf(subscription), witness.account);
      await phone.request(addressed(iq, to, witness.account.bareJid));
      await phone.close();
      const romeo = await stage.sender('romeo');
      await romeo.send(chat(witness.account, 'Hark!'));
      // Both devices were told of the message when the witness is told of another.
      await stage.pushed(witness.subscription);
      await stage.fence.sentinel(witness.account, witness.subscription, romeo);
    },
    judge: (evidence) => [
      ...judge(evidence),
      nothingAtAll(evidence, 'enable.rejected-changes-nothing', 'juliet/phone'),
    ],
  });
}

/** The answer is `bad-request` of type `modify`. */
export function badRequest(requirement: RequirementId): (evidence: Evidence) => readonly Finding[] {
  return (evidence) => [
    refusal(evidence, requirement, 'juliet/phone', enableId, { type: 'modify', conditions: ['bad-request'] }),
  ];
}

/** The answer is an error, and it is `not-acceptable` of type `modify`: two sentences of different levels. */
export function notAcceptable(requirement: RequirementId): (evidence: Evidence) => readonly Finding[] {
  return (evidence) => [
    refusal(evidence, requirement, 'juliet/phone', enableId),
    refusal(evidence, 'enable.not-acceptable', 'juliet/phone', enableId, {
      type: 'modify',
      conditions: ['not-acceptable'],
    }),
  ];
}
