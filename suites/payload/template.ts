import type { Element } from '@xmpp/xml';
import { type Case, varied } from '../../harness/case/case.js';
import type { Account, Stage } from '../../harness/case/stage.js';
import type { Evidence } from '../../harness/judge/evidence.js';
import type { Finding } from '../../harness/judge/finding.js';
import type { TargetConfig } from '../../harness/target/target.js';
import type { RequirementId } from '../requirements/catalogue.js';
import { type Away, needsOf, sentTo } from '../scene/away.js';
import { joinRoom, openRoom } from '../scene/rooms.js';
import { enabled, enabledAndGone, roleOf } from '../scene/scene.js';
import type { EnableFields } from '../scene/webpush.js';

/** The registration every case of this area looks at, and who sends to it. */
export const phone = 'juliet/phone';
export const sender = 'romeo/desk';

/** What a client agrees to when it enables. */
type Consent = NonNullable<EnableFields['payload']>;

export const textWanted: Consent = { body: true };
export const noSenderWanted: Consent = { sender: false };

interface PayloadCase {
  readonly id: string;
  readonly title: string;
  readonly requirements: readonly [RequirementId, ...RequirementId[]];
  /** Absent: the enable says nothing about the payload. */
  readonly consent?: Consent;
  readonly config?: TargetConfig;
  readonly judge: (evidence: Evidence) => readonly Finding[];
}

/**
 * Romeo sends one thing to Juliet, who is away; the judge looks at what her phone is told. That may be made at another place
 * for each way of being away, and on a server with settings of its own it is not tried again.
 */
export function told(
  subject: PayloadCase & { readonly stanza: (juliet: Account) => Element },
): Case<RequirementId> {
  const { id, title, requirements, consent, config, stanza, judge } = subject;
  const common = { id: `payload/${id}`, title, requirements, judge };
  const play = async (stage: Stage, away: Away) => {
    const romeo = await stage.sender(roleOf(sender));
    const options = consent ? { payload: consent } : {};
    const juliet = await sentTo(stage, phone, away, romeo, ({ account }) => stanza(account), options);
    await stage.pushed(juliet.subscription);
  };
  if (config) return { ...common, needs: { config }, play: (stage) => play(stage, 'offline') };
  return varied({
    ...common,
    vary: { away: ['offline', 'hibernated', 'archived'] },
    needsFor: ({ away }) => needsOf(away),
    play: (stage, { away }) => play(stage, away),
  });
}

/** Romeo says something in a room in which Juliet's phone sits and hibernates. */
export function toldInRoom(
  subject: PayloadCase & { readonly stanza: (room: string) => Element },
): Case<RequirementId> {
  const { id, title, requirements, consent, stanza, judge } = subject;
  return {
    id: `payload/${id}`,
    title,
    requirements,
    needs: { traits: ['rooms'] },
    async play(stage) {
      const romeo = await stage.connect(sender);
      const room = await openRoom(stage, romeo, nick);
      const juliet = await enabled(stage, phone, {
        streamManagement: 'resumable',
        ...(consent ? { payload: consent } : {}),
      });
      await joinRoom(juliet.actor, room, 'Juliet');
      await juliet.actor.lose();
      await romeo.send(stanza(room));
      await stage.pushed(juliet.subscription);
    },
    judge,
  };
}

/** Romeo's nick in a room: no part of his JID. */
export const nick = 'Montague-Heir';

/** Several texts, each sent when the one before it has been pushed. */
export function toldOneByOne(
  subject: PayloadCase & {
    readonly stanzas: readonly ((juliet: Account) => readonly [from: string, Element])[];
  },
): Case<RequirementId> {
  const { id, title, requirements, consent, stanzas, judge } = subject;
  return {
    id: `payload/${id}`,
    title,
    requirements,
    async play(stage) {
      const juliet = await enabledAndGone(stage, phone, consent ? { payload: consent } : {});
      for (const [index, stanza] of stanzas.entries()) {
        const [from, element] = stanza(juliet.account);
        const author = await stage.sender(roleOf(from));
        await author.send(element);
        await stage.pushed(juliet.subscription, index + 1);
      }
    },
    judge,
  };
}

/** The room in which a client spoke: where its groupchat messages went. */
export function roomOf(evidence: Evidence, actor: string): string {
  const said = evidence
    .stanzas(actor, 'sent')
    .find(({ element }) => element?.is('message') && element.attrs.type === 'groupchat');
  return String(said?.element?.attrs.to);
}
