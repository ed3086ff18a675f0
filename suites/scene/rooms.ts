import xml, { type Element } from '@xmpp/xml';
import type { Actor } from '../../harness/actor/actor.js';
import type { Stage } from '../../harness/case/stage.js';
import { TargetFault } from '../../harness/target/fault.js';
import { discoInfo } from './webpush.js';

const muc = 'http://jabber.org/protocol/muc';
export const mucUser = `${muc}#user`;

/** A room nobody else has, made by `owner`, who sits in it under `nick`: the instant room of XEP-0045 §10.1.2. */
export async function openRoom(stage: Stage, owner: Actor, nick: string): Promise<string> {
  const room = `balcony-${Buffer.from(stage.random('room', 6)).toString('hex')}@${stage.roomsDomain}`;
  await joinRoom(owner, room, nick);
  const form = xml('x', { xmlns: 'jabber:x:data', type: 'submit' });
  const answer = await owner.request(
    xml('iq', { type: 'set', id: 'open-room', to: room }, xml('query', { xmlns: `${muc}#owner` }, form)),
  );
  if (answer.attrs.type !== 'result') {
    throw new TargetFault('refused', `the room ${room} was not opened: ${answer.toString()}`);
  }
  return room;
}

/** Joins and waits for the subject, which the room sends last (XEP-0045 §7.1). */
export async function joinRoom(actor: Actor, room: string, nick: string): Promise<void> {
  await actor.send(
    xml('presence', { to: `${room}/${nick}` }, xml('x', { xmlns: muc }, xml('history', { maxstanzas: '0' }))),
  );
  const answer = await actor.receive(
    `own presence in ${room}`,
    (stanza) =>
      stanza.is('presence') &&
      isFrom(stanza, room) &&
      (stanza.attrs.type === 'error' || hasStatus(stanza, '110')),
  );
  if (answer.attrs.type === 'error') {
    throw new TargetFault('refused', `${actor.name} could not join ${room}: ${answer.toString()}`);
  }
  await actor.receive(
    `subject of ${room}`,
    (stanza) =>
      stanza.is('message') &&
      stanza.attrs.type === 'groupchat' &&
      isFrom(stanza, room) &&
      stanza.getChild('subject') !== undefined,
  );
}

/** All that `actor` said in the room has gone out to the occupants when the room answers. */
export async function roomHasHandled(actor: Actor, room: string): Promise<void> {
  await actor.request(discoInfo('room-fence', room));
}

/** XEP-0045 §7.5: what marks a message to one occupant. */
export const privateMark = (): Element => xml('x', { xmlns: mucUser });

/** XEP-0045 §7.8.2: asks the room to invite somebody. */
export const mediatedInvite = (room: string, invitee: string): Element =>
  xml(
    'message',
    { to: room },
    xml('x', { xmlns: mucUser }, xml('invite', { to: invitee }, xml('reason', {}, 'The lark sings here.'))),
  );

/** XEP-0045 §7.8.2: asks the room to tell who invited that nobody will come. */
export const declineInvite = (room: string, inviter: string): Element =>
  xml(
    'message',
    { to: room },
    xml(
      'x',
      { xmlns: mucUser },
      xml('decline', { to: inviter }, xml('reason', {}, 'It was the nightingale.')),
    ),
  );

export const isInvite = (stanza: Element): boolean =>
  stanza.is('message') && stanza.getChild('x', mucUser)?.getChild('invite') !== undefined;

function isFrom({ attrs }: Element, room: string): boolean {
  return attrs.from === room || String(attrs.from).startsWith(`${room}/`);
}

function hasStatus(presence: Element, code: string): boolean {
  const codes = presence.getChild('x', mucUser)?.getChildren('status') ?? [];
  return codes.some((status) => status.attrs.code === code);
}
