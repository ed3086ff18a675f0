import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import xml, { type Element } from '@xmpp/xml';
import type { Core } from '../../session/core.js';
import type { Jid } from '../../session/jid.js';
import { attribute, CLIENT, copyElement, delay, StanzaError } from '../../session/stanza.js';

export const MUC = 'http://jabber.org/protocol/muc';
export const MUC_USER = `${MUC}#user`;
export const OCCUPANT_ID = 'urn:xmpp:occupant-id:0';

const HISTORY_LENGTH = 20;
const MOST_OCCUPANTS = 500;

interface Occupant {
  nick: string;
  /** Bare JID. */
  readonly account: string;
  readonly isOwner: boolean;
  /** Full JIDs of the sessions behind the nick, and the presence each sent last. */
  readonly sessions: Map<string, Element>;
}

/** A room and who sits in it (XEP-0045). It lasts as long as somebody does. */
export interface Room {
  readonly jid: Jid;
  readonly isEmpty: boolean;
  isOwner(account: string): boolean;
  /** The occupant JIDs of an account. */
  occupantsOf(account: string): readonly string[];
  hasSession(session: string): boolean;
  /** Whether the session sits behind the nick. */
  isNickOf(session: string, nick: string): boolean;
  /** Available presence of a session to `room/nick`: joins, changes the nick or tells the new presence. */
  enter(session: Jid, nick: string, presence: Element): void;
  leave(session: string, presence: Element): void;
  /** A groupchat message for everybody; `id` is the server's own name for it. */
  say(session: string, stanza: Element, id: string): void;
  /** A private message to one occupant (XEP-0045 §7.5). */
  whisper(session: string, nick: string, stanza: Element, id: string): void;
}

export function createRoom(core: Core, jid: Jid): Room {
  const occupants = new Map<string, Occupant>();
  const history: { readonly stanza: Element; readonly time: number }[] = [];
  const secret = randomBytes(32);
  let subject = xml('message', { xmlns: CLIENT, type: 'groupchat', from: jid.bare }, xml('subject'));
  let owner: string | undefined;

  const all = () => [...occupants.values()];
  const occupantJid = (nick: string) => `${jid.bare}/${nick}`;
  const occupantOf = (session: string) => all().find((occupant) => occupant.sessions.has(session));

  /** XEP-0421: the same person has the same id under every nick, and another one in every room. */
  const occupantId = ({ account }: Occupant) =>
    xml('occupant-id', {
      xmlns: OCCUPANT_ID,
      id: createHmac('sha256', secret).update(account).digest('base64url'),
    });

  const require = (session: string): Occupant => {
    const occupant = occupantOf(session);
    if (!occupant)
      throw new StanzaError('not-acceptable', { type: 'cancel', text: 'Only occupants may do that.' });
    return occupant;
  };

  interface Statement {
    readonly about: Occupant;
    readonly session: string;
    readonly presence: Element;
    readonly codes?: readonly string[];
    readonly newNick?: string;
  }

  /** One occupant's presence as one session of another sees it (XEP-0045 §7.1.2, §7.1.3). */
  const tell = (
    to: string,
    viewer: Occupant,
    { about, session, presence, codes = [], newNick }: Statement,
  ) => {
    const gone = attribute(presence, 'type') === 'unavailable';
    const shown = viewer.isOwner || viewer === about;
    const statuses = viewer === about ? ['110', ...codes] : codes.filter((code) => code === '303');
    core.route(
      xml(
        'presence',
        {
          xmlns: CLIENT,
          from: occupantJid(about.nick),
          to,
          ...(gone ? { type: 'unavailable' } : {}),
          ...(to === session && attribute(presence, 'id') ? { id: attribute(presence, 'id') } : {}),
        },
        ...presence
          .getChildElements()
          .filter((child) => !(child.getNS() ?? '').startsWith(MUC) && child.getNS() !== OCCUPANT_ID)
          .map((child) => copyElement(child)),
        occupantId(about),
        xml(
          'x',
          MUC_USER,
          xml('item', {
            affiliation: about.isOwner ? 'owner' : 'none',
            role: gone && newNick === undefined ? 'none' : about.isOwner ? 'moderator' : 'participant',
            ...(shown ? { jid: session } : {}),
            ...(newNick === undefined ? {} : { nick: newNick }),
          }),
          ...statuses.map((code) => xml('status', { code })),
        ),
      ),
    );
  };

  const tellAll = (statement: Statement) => {
    for (const viewer of all()) for (const to of [...viewer.sessions.keys()]) tell(to, viewer, statement);
  };

  const replay = (to: string, wanted: number) => {
    for (const { stanza, time } of wanted === 0 ? [] : history.slice(-wanted)) {
      const copy = copyElement(stanza, { to });
      copy.append(delay(jid.bare, time));
      core.route(copy);
    }
    core.route(copyElement(subject, { to }));
  };

  const join = (session: Jid, nick: string, presence: Element, request: Element) => {
    const present = occupants.get(nick);
    if (present && present.account !== session.bare)
      throw new StanzaError('conflict', { text: 'The nick is taken.' });
    if (!present && occupants.size >= MOST_OCCUPANTS)
      throw new StanzaError('service-unavailable', { type: 'wait', text: 'The room is full.' });
    const created = owner === undefined;
    owner ??= session.bare;
    const occupant: Occupant = present ?? {
      nick,
      account: session.bare,
      isOwner: owner === session.bare,
      sessions: new Map(),
    };
    for (const other of all()) {
      if (other === occupant) continue;
      const [first] = other.sessions;
      if (first) tell(session.full, occupant, { about: other, session: first[0], presence: first[1] });
    }
    occupants.set(nick, occupant);
    occupant.sessions.set(session.full, presence);
    tellAll({ about: occupant, session: session.full, presence, codes: created ? ['201'] : [] });
    const wanted = Number(request.getChild('history')?.attrs.maxstanzas ?? HISTORY_LENGTH);
    replay(session.full, Number.isInteger(wanted) && wanted >= 0 ? wanted : HISTORY_LENGTH);
  };

  const rename = (occupant: Occupant, session: string, nick: string, presence: Element) => {
    if (occupants.has(nick)) throw new StanzaError('conflict', { text: 'The nick is taken.' });
    const gone = xml('presence', { xmlns: CLIENT, type: 'unavailable' });
    tellAll({ about: occupant, session, presence: gone, codes: ['303'], newNick: nick });
    occupants.delete(occupant.nick);
    occupant.nick = nick;
    occupants.set(nick, occupant);
    occupant.sessions.set(session, presence);
    tellAll({ about: occupant, session, presence });
  };

  const signed = (occupant: Occupant, stanza: Element, to?: string) => {
    const copy = copyElement(stanza, { xmlns: CLIENT, from: occupantJid(occupant.nick), to });
    copy.remove('occupant-id', OCCUPANT_ID);
    copy.append(occupantId(occupant));
    return copy;
  };

  return {
    jid,
    get isEmpty() {
      return occupants.size === 0;
    },
    isOwner: (account) => account === owner,
    occupantsOf: (account) =>
      all()
        .filter((occupant) => occupant.account === account)
        .map((occupant) => occupantJid(occupant.nick)),
    hasSession: (session) => occupantOf(session) !== undefined,
    isNickOf: (session, nick) => occupants.get(nick)?.sessions.has(session) ?? false,
    enter(session, nick, presence) {
      const request = presence.getChild('x', MUC);
      const occupant = occupantOf(session.full);
      if (request && (!occupant || occupant.nick === nick)) {
        join(session, nick, presence, request);
      } else if (!occupant) {
        throw new StanzaError('not-acceptable', { type: 'cancel', text: 'Join the room first.' });
      } else if (occupant.nick !== nick) {
        rename(occupant, session.full, nick, presence);
      } else {
        occupant.sessions.set(session.full, presence);
        tellAll({ about: occupant, session: session.full, presence });
      }
    },
    leave(session, presence) {
      const occupant = occupantOf(session);
      if (!occupant) return;
      const statement = { about: occupant, session, presence };
      if (occupant.sessions.size > 1) {
        occupant.sessions.delete(session);
        tell(session, occupant, statement);
        return;
      }
      // Out of the room first: a goodbye that cannot be delivered must not come back here.
      occupants.delete(occupant.nick);
      tell(session, occupant, statement);
      tellAll(statement);
    },
    say(session, stanza, id) {
      const occupant = require(session);
      const said = signed(occupant, stanza);
      said.append(xml('stanza-id', { xmlns: 'urn:xmpp:sid:0', by: jid.bare, id: randomUUID() }));
      if (stanza.getChild('body')) {
        history.push({ stanza: said, time: core.clock.now() });
        if (history.length > HISTORY_LENGTH) history.shift();
      } else if (stanza.getChild('subject')) {
        subject = said;
      }
      for (const listener of all())
        for (const to of [...listener.sessions.keys()]) core.route(copyElement(said, { to }), id);
    },
    whisper(session, nick, stanza, id) {
      const occupant = require(session);
      const listener = occupants.get(nick);
      if (!listener) throw new StanzaError('item-not-found', { text: 'Nobody of that nick is here.' });
      const said = signed(occupant, stanza);
      said.remove('x', MUC_USER);
      said.append(xml('x', MUC_USER));
      for (const to of [...listener.sessions.keys()]) core.route(copyElement(said, { to }), id);
    },
  };
}
