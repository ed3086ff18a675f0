import xml, { type Element } from '@xmpp/xml';
import type { IqRequest, ServerModule } from '../session/core.js';
import { type Jid, parseJid } from '../session/jid.js';
import { attribute, CLIENT, delay, parseElement, StanzaError } from '../session/stanza.js';
import type { Archive, ArchivedMessage, ArchiveFilter, Page, Preferences } from './archive.js';
import { stanzaIdFeature } from './stanza-id.js';

const ARCHIVE = 'urn:xmpp:mam:2';
const RSM = 'http://jabber.org/protocol/rsm';
const FORMS = 'jabber:x:data';

const USUAL_PAGE = 50;
const LARGEST_PAGE = 250;
const MOST_IDS = 100;
const MOST_PREFERENCES = 500;

const FIELDS = ['with', 'start', 'end', 'before-id', 'after-id', 'ids'] as const;

function jidIn(text: string): Jid {
  const jid = parseJid(text.trim());
  if (!jid) throw new StanzaError('jid-malformed', { text: `${text} is no JID.` });
  return jid;
}

/** XEP-0082 date-time. */
function timeIn(text: string): number {
  const time = Date.parse(text);
  if (Number.isNaN(time) || !/^\d{4}-\d\d-\d\dT/.test(text))
    throw new StanzaError('bad-request', { text: `${text} is no date-time.` });
  return time;
}

/** The query's form (XEP-0313 §4.1). */
function filterOf(query: Element): ArchiveFilter {
  const filter: { -readonly [K in keyof ArchiveFilter]: ArchiveFilter[K] } = {};
  for (const field of query.getChild('x', FORMS)?.getChildren('field') ?? []) {
    const values = field.getChildren('value').map((value) => value.getText());
    const value = values[0] ?? '';
    switch (attribute(field, 'var')) {
      case 'FORM_TYPE':
        if (value !== ARCHIVE)
          throw new StanzaError('bad-request', { text: 'The form is for something else.' });
        break;
      case 'with':
        filter.with = jidIn(value);
        break;
      case 'start':
        filter.start = timeIn(value);
        break;
      case 'end':
        filter.end = timeIn(value);
        break;
      case 'before-id':
        filter.beforeId = value;
        break;
      case 'after-id':
        filter.afterId = value;
        break;
      case 'ids':
        if (values.length > MOST_IDS) throw new StanzaError('resource-constraint', { text: 'Too many ids.' });
        filter.ids = values;
        break;
      default:
        // Ignoring a condition would answer another question.
        throw new StanzaError('feature-not-implemented', { text: 'The form has an unknown field.' });
    }
  }
  return filter;
}

function pageOf(query: Element): Page {
  const set = query.getChild('set', RSM);
  const asked = set?.getChildText('max');
  if (asked !== undefined && asked !== null && !/^\d{1,9}$/.test(asked))
    throw new StanzaError('bad-request', { text: 'max is no number.' });
  const after = set?.getChildText('after');
  const before = set?.getChildText('before');
  return {
    max: asked ? Math.min(Number(asked), LARGEST_PAGE) : USUAL_PAGE,
    ...(after ? { after } : {}),
    ...(before === undefined || before === null ? {} : { before }),
  };
}

function preferencesElement(preferences: Preferences): Element {
  const list = (name: 'always' | 'never') =>
    xml(name, {}, ...preferences[name].map((jid) => xml('jid', {}, jid)));
  return xml('prefs', { xmlns: ARCHIVE, default: preferences.default }, list('always'), list('never'));
}

function preferencesIn(element: Element): Preferences {
  const wish = attribute(element, 'default');
  if (wish !== 'always' && wish !== 'never' && wish !== 'roster')
    throw new StanzaError('bad-request', { text: 'default is one of always, never, roster.' });
  const list = (name: 'always' | 'never') =>
    (element.getChild(name)?.getChildren('jid') ?? []).map((jid) => jidIn(jid.getText()).full);
  const preferences: Preferences = { default: wish, always: list('always'), never: list('never') };
  if (preferences.always.length + preferences.never.length > MOST_PREFERENCES)
    throw new StanzaError('resource-constraint', { text: 'Too many preferences.' });
  return preferences;
}

/** What a client asks of its own archive (XEP-0313 §4, §6). */
export function archiveModule(archive: Archive): ServerModule {
  const answerQuery = ({ session, payload }: IqRequest) => {
    const page = pageOf(payload);
    const found = archive.query(session.account, filterOf(payload), page);
    if (!found) throw new StanzaError('item-not-found', { text: 'The archive has no message of that id.' });
    const queryId = attribute(payload, 'queryid');
    const result = ({ id, time, stanza }: ArchivedMessage) =>
      xml(
        'message',
        { xmlns: CLIENT, from: session.account, to: session.jid.full },
        xml(
          'result',
          { xmlns: ARCHIVE, id, ...(queryId === undefined ? {} : { queryid: queryId }) },
          xml('forwarded', 'urn:xmpp:forward:0', delay(session.jid.domain, time), parseElement(stanza)),
        ),
      );
    const ordered = payload.getChild('flip-page') ? [...found.messages].reverse() : found.messages;
    for (const message of ordered) session.send(result(message));
    const [first, last] = [found.messages[0], found.messages.at(-1)];
    return xml(
      'fin',
      { xmlns: ARCHIVE, complete: String(found.complete) },
      xml(
        'set',
        RSM,
        ...(first && last ? [xml('first', {}, first.id), xml('last', {}, last.id)] : []),
        xml('count', {}, String(found.count)),
      ),
    );
  };

  const at = 'account';
  return {
    accountFeatures: [ARCHIVE, `${ARCHIVE}#extended`, stanzaIdFeature],
    iq: [
      { at, type: 'set', name: 'query', xmlns: ARCHIVE, handle: answerQuery },
      {
        at,
        type: 'get',
        name: 'query',
        xmlns: ARCHIVE,
        handle: () =>
          xml(
            'query',
            ARCHIVE,
            xml(
              'x',
              { xmlns: FORMS, type: 'form' },
              xml('field', { type: 'hidden', var: 'FORM_TYPE' }, xml('value', {}, ARCHIVE)),
              ...FIELDS.map((name) =>
                xml('field', {
                  type: name === 'with' ? 'jid-single' : name === 'ids' ? 'list-multi' : 'text-single',
                  var: name,
                }),
              ),
            ),
          ),
      },
      {
        at,
        type: 'get',
        name: 'metadata',
        xmlns: ARCHIVE,
        handle({ session }) {
          const [first, last] = archive.ends(session.account);
          const end = (name: string, message: ArchivedMessage | undefined) =>
            message ? [xml(name, { id: message.id, timestamp: new Date(message.time).toISOString() })] : [];
          return xml('metadata', ARCHIVE, ...end('start', first), ...end('end', last));
        },
      },
      {
        at,
        type: 'get',
        name: 'prefs',
        xmlns: ARCHIVE,
        handle: ({ session }) => preferencesElement(archive.preferences(session.account)),
      },
      {
        at,
        type: 'set',
        name: 'prefs',
        xmlns: ARCHIVE,
        handle({ session, payload }) {
          const preferences = preferencesIn(payload);
          archive.setPreferences(session.account, preferences);
          return preferencesElement(preferences);
        },
      },
    ],
    deleteAccount: (account) => archive.deleteAccount(account),
  };
}
