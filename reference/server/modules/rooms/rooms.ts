import xml, { type Element } from '@xmpp/xml';
import type { Core } from '../../session/core.js';
import { type Jid, parseJid } from '../../session/jid.js';
import { attribute, CLIENT, copyElement, messageType, resultOf, StanzaError } from '../../session/stanza.js';
import { DISCO_INFO, DISCO_ITEMS, discoInfo, discoItems } from '../disco.js';
import { createRoom, MUC, MUC_USER, OCCUPANT_ID, type Room } from './room.js';

const MOST_ROOMS = 1000;
const MOST_INVITED = 20;
const MUC_OWNER = `${MUC}#owner`;

/** The service that hosts rooms (XEP-0045). */
export interface Rooms {
  /**
   * A stanza for the service, a room or an occupant.
   *
   * @throws {StanzaError} what its sender is to be answered.
   */
  deliver(stanza: Element, from: Jid, to: Jid, id: string): void;
  /** The occupant JIDs under which an account sits in a room. */
  occupantsOf(account: string, room: string): readonly string[];
}

export function createRooms(core: Core): Rooms {
  const rooms = new Map<string, Room>();

  const existing = (to: Jid): Room => {
    const room = rooms.get(to.bare);
    if (!room) throw new StanzaError('item-not-found', { text: 'There is no such room.' });
    return room;
  };

  const forgetIfEmpty = (room: Room) => {
    if (room.isEmpty) rooms.delete(room.jid.bare);
  };

  const presence = (stanza: Element, from: Jid, to: Jid) => {
    const type = attribute(stanza, 'type');
    if (type === 'unavailable' || type === 'error') {
      const room = rooms.get(to.bare);
      const goodbye = type === 'error' ? xml('presence', { xmlns: CLIENT, type: 'unavailable' }) : stanza;
      room?.leave(from.full, goodbye);
      if (room) forgetIfEmpty(room);
      return;
    }
    if (type !== undefined) return;
    if (to.local === '' || to.resource === '')
      throw new StanzaError('jid-malformed', { text: 'Join under a nick: room@service/nick.' });
    const known = rooms.get(to.bare);
    if (!known && rooms.size >= MOST_ROOMS)
      throw new StanzaError('resource-constraint', { text: 'There are too many rooms.' });
    const room = known ?? createRoom(core, { ...to, resource: '', full: to.bare });
    try {
      rooms.set(to.bare, room);
      room.enter(from, to.resource, stanza);
    } finally {
      forgetIfEmpty(room);
    }
  };

  /** Mediated invitations (XEP-0045 §7.8.2) and their refusals. */
  const mediate = (room: Room, x: Element, from: Jid) => {
    const invitations = x.getChildren('invite').slice(0, MOST_INVITED);
    if (invitations.length > 0 && !room.hasSession(from.full))
      throw new StanzaError('not-acceptable', { type: 'cancel', text: 'Only occupants may invite.' });
    for (const request of [...invitations, ...x.getChildren('decline').slice(0, 1)]) {
      const to = parseJid(attribute(request, 'to') ?? '');
      if (!to) throw new StanzaError('jid-malformed', { text: 'to is no JID.' });
      core.route(
        xml(
          'message',
          { xmlns: CLIENT, from: room.jid.bare, to: to.full },
          xml('x', MUC_USER, copyElement(request, { to: undefined, xmlns: undefined, from: from.bare })),
        ),
      );
    }
  };

  const message = (stanza: Element, from: Jid, to: Jid, id: string) => {
    const type = messageType(stanza);
    if (type === 'error') {
      // Whoever bounces what the room says is no longer there (XEP-0045 §6.1.1).
      presence(xml('presence', { xmlns: CLIENT, type: 'unavailable' }), from, to);
      return;
    }
    const room = existing(to);
    if (to.resource !== '') {
      if (type === 'groupchat')
        throw new StanzaError('bad-request', { text: 'A groupchat message is for the room.' });
      room.whisper(from.full, to.resource, stanza, id);
      return;
    }
    if (type === 'groupchat') {
      room.say(from.full, stanza, id);
      return;
    }
    const x = stanza.getChild('x', MUC_USER);
    if (!x?.getChild('invite') && !x?.getChild('decline'))
      throw new StanzaError('bad-request', { text: 'A message to the room is groupchat or an invitation.' });
    mediate(room, x, from);
  };

  const answer = (iq: Element, from: Jid, to: Jid): Element | undefined => {
    const type = attribute(iq, 'type');
    const [payload] = iq.getChildElements();
    const isService = to.local === '' && to.resource === '';
    if (payload?.is('ping', 'urn:xmpp:ping') && type === 'get') {
      if (isService) return undefined;
      // XEP-0410: the own occupant's ping tells a client whether it is still in the room.
      const isOwn = to.resource === '' || existing(to).isNickOf(from.full, to.resource);
      if (isOwn) return undefined;
      throw new StanzaError('not-acceptable', { type: 'cancel' });
    }
    if (payload?.is('query', DISCO_INFO) && type === 'get') {
      if (isService)
        return discoInfo({ category: 'conference', type: 'text', name: 'Rooms' }, [
          DISCO_INFO,
          DISCO_ITEMS,
          MUC,
        ]);
      if (to.resource === '')
        return discoInfo({ category: 'conference', type: 'text', name: existing(to).jid.local }, [
          ...[DISCO_INFO, MUC, 'urn:xmpp:sid:0', OCCUPANT_ID],
          ...[
            'muc_open',
            'muc_public',
            'muc_semianonymous',
            'muc_temporary',
            'muc_unmoderated',
            'muc_unsecured',
          ],
        ]);
    }
    if (payload?.is('query', DISCO_ITEMS) && type === 'get' && to.resource === '')
      return discoItems(isService ? [...rooms.values()].map((room) => ({ jid: room.jid.bare })) : []);
    if (payload?.is('query', MUC_OWNER) && !isService && to.resource === '') {
      if (!existing(to).isOwner(from.bare)) throw new StanzaError('forbidden');
      const form = payload.getChild('x', 'jabber:x:data');
      // Nothing can be set: an instant room (XEP-0045 §10.1.2) is the only kind there is.
      if (type === 'get') return xml('query', MUC_OWNER, xml('x', { xmlns: 'jabber:x:data', type: 'form' }));
      if (form) return undefined;
    }
    throw new StanzaError('service-unavailable');
  };

  return {
    deliver(stanza, from, to, id) {
      switch (stanza.getName()) {
        case 'presence':
          presence(stanza, from, to);
          break;
        case 'message':
          message(stanza, from, to, id);
          break;
        default:
          if (['get', 'set'].includes(attribute(stanza, 'type') ?? ''))
            core.route(resultOf(stanza, answer(stanza, from, to)));
      }
    },
    occupantsOf: (account, room) => rooms.get(room)?.occupantsOf(account) ?? [],
  };
}
