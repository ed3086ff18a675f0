import xml, { type Element } from '@xmpp/xml';
import { type AdjustableClock, createClock } from '../clock/clock.js';
import type { DeliveryOutcome } from '../delivery/delivery.js';
import type { Registration, Registry } from '../registry/registry.js';
import { createEngine, type EngineOptions } from './engine.js';
import type { EngineEffect, EngineEvent, Push, RoutedMessage } from './events.js';

export const ROMEO = 'romeo@montague.example';
export const JULIET = 'juliet@capulet.example';
const WEBPUSH = 'urn:xmpp:webpush:0';

/** The user agent's public key of RFC 8291 §5 and another, valid points both. */
const P256DH = 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4';
export const OTHER_P256DH =
  'BHql1t8sTOkq_Ew2-skpAVwsLxvFuWoU8ZJyvBI8wC521IAQBR54asdD3QLK6lhPNc6XtjOyior9OMHiwmL0IWE';

export const endpoint = (name: string) => `https://push.example.net/${name}`;

/** A registry in memory, whose storage can be made to fail. */
export interface TestRegistry extends Registry {
  failing: boolean;
}

export function createTestRegistry(maxDevices = 5): TestRegistry {
  let all: readonly Registration[] = [];
  let generation = 0;
  const registry: TestRegistry = {
    failing: false,
    enable(registration, replaces) {
      check();
      const stored = { ...registration, generation: ++generation, refusals: 0 };
      const isOf = (name: string) => (one: Registration) =>
        one.account === registration.account && one.endpoint === name;
      const isGone = (one: Registration) =>
        isOf(registration.endpoint)(one) || (replaces !== undefined && isOf(replaces)(one));
      all = [...all.filter((one) => !isGone(one)), stored];
      const devices = registry.list(registration.account);
      const evicted = devices.slice(0, Math.max(devices.length - maxDevices, 0));
      all = all.filter((one) => !evicted.includes(one));
      return { registration: stored, evicted };
    },
    disable(account, name) {
      const found = registry.get(account, name);
      all = all.filter((one) => one !== found);
      return found;
    },
    disableAll(account) {
      const found = registry.list(account);
      all = all.filter((one) => one.account !== account);
      return found;
    },
    list(account) {
      check();
      return all.filter((one) => one.account === account);
    },
    get(account, name) {
      check();
      return all.find((one) => one.account === account && one.endpoint === name);
    },
    removeGeneration(account, name, of) {
      if (registry.get(account, name)?.generation !== of) return false;
      registry.disable(account, name);
      return true;
    },
    countRefusal(account, name, of) {
      const found = registry.get(account, name);
      if (found?.generation !== of) return 0;
      const counted = { ...found, refusals: found.refusals + 1 };
      all = all.map((one) => (one === found ? counted : one));
      return counted.refusals;
    },
    clearRefusals(account, name, of) {
      const found = registry.get(account, name);
      all = all.map((one) => (one === found && one.generation === of ? { ...one, refusals: 0 } : one));
    },
    close() {},
  };
  const check = () => {
    if (registry.failing) throw new Error('the disk is full');
  };
  return registry;
}

/** An engine with what it stands on, and words for what a server tells it. */
export function createStand(options: Partial<EngineOptions> = {}, registry = createTestRegistry()) {
  const clock: AdjustableClock = createClock(() => Date.UTC(2026, 0, 1));
  const engine = createEngine({
    registry,
    clock,
    applicationServerKey: () => 'the-current-key',
    endpointPolicy: { allowedHosts: [] },
    importantBody: 'New Message!',
    enabled: true,
    ...options,
  });
  const handle = (event: EngineEvent) => engine.handle(event);

  return {
    registry,
    clock,
    handle,
    settle: (outcome: DeliveryOutcome) => engine.settle(outcome),
    enable(session: string, name: string, { account = ROMEO, p256dh = P256DH, body = false } = {}) {
      return handle({ type: 'iq', session, account, stanza: enableIq(name, p256dh, body) });
    },
    disable(session: string, attrs: Record<string, string> = {}, name?: string, account = ROMEO) {
      const child = name === undefined ? [] : [xml('endpoint', {}, endpoint(name))];
      const stanza = xml(
        'iq',
        { type: 'set', id: 'x' },
        xml('disable', { xmlns: WEBPUSH, ...attrs }, ...child),
      );
      return handle({ type: 'iq', session, account, stanza });
    },
    start: (session: string, account = ROMEO) => handle({ type: 'session-started', session, account }),
    end: (session: string) => handle({ type: 'session-ended', session }),
    hibernate: (session: string, ...unacked: RoutedMessage[]) =>
      handle({ type: 'hibernation-started', session, unacked }),
    queue: (session: string, message: RoutedMessage) =>
      handle({ type: 'hibernation-queued', session, message }),
    resume: (session: string) => handle({ type: 'resumed', session }),
    delay: (session: string, ...unacked: RoutedMessage[]) =>
      handle({ type: 'ack-delayed', session, unacked }),
    offline: (message: RoutedMessage, account = ROMEO) =>
      handle({ type: 'stored-offline', account, message }),
    archive: (message: RoutedMessage, account = ROMEO, direction: 'incoming' | 'outgoing' = 'incoming') =>
      handle({ type: 'archived', account, message, direction }),
    endpoints: (account = ROMEO) => registry.list(account).map((registration) => registration.endpoint),
  };
}

function enableIq(name: string, p256dh: string, body: boolean): Element {
  return xml(
    'iq',
    { type: 'set', id: 'e' },
    xml(
      'enable',
      { xmlns: WEBPUSH },
      xml('endpoint', {}, endpoint(name)),
      xml('auth', {}, 'BTBZMqHH6r4Tts7J_aSIgg'),
      xml('p256dh', {}, p256dh),
      xml('payload', { sender: 'true', body: String(body) }),
    ),
  );
}

/** Romeo's sessions a, b … each enabled the endpoint of its name. */
export function withDevices(...names: string[]) {
  const stand = createStand();
  for (const name of names) {
    stand.start(name);
    stand.enable(name, name);
  }
  return stand;
}

/** As `withDevices`, but all of the sessions are closed. */
export function withAbsentDevices(...names: string[]) {
  const stand = withDevices(...names);
  for (const name of names) stand.end(name);
  return stand;
}

/** The registration of that name, which has to be there. */
export function registrationOf(stand: ReturnType<typeof createStand>, name: string) {
  const registration = stand.registry.get(ROMEO, endpoint(name));
  if (!registration) throw new Error(`${name} is not registered`);
  return registration;
}

/** A chat message with a body to Romeo. */
export function chat(id: string, from = `${JULIET}/balcony`): RoutedMessage {
  return { id, stanza: xml('message', { from, to: ROMEO, type: 'chat' }, xml('body', {}, `Text of ${id}`)) };
}

export function chatState(id: string): RoutedMessage {
  const stanza = xml(
    'message',
    { from: `${JULIET}/balcony`, to: ROMEO, type: 'chat' },
    xml('composing', { xmlns: 'http://jabber.org/protocol/chatstates' }),
  );
  return { id, stanza };
}

export function pushes(effects: readonly EngineEffect[]): readonly Push[] {
  return effects.flatMap((effect) => (effect.type === 'push' ? [effect.push] : []));
}

/** Where pushes go, as the last part of the endpoint. */
export function pushed(effects: readonly EngineEffect[]): readonly string[] {
  return pushes(effects).map(({ registration }) => lastPart(registration.endpoint));
}

/** What is dropped: the endpoint's last part, and the messages if not all. */
export function discarded(effects: readonly EngineEffect[]): readonly string[] {
  return effects.flatMap((effect) => {
    if (effect.type !== 'discard') return [];
    const { endpoint: name, messages } = effect;
    return [messages ? `${lastPart(name)}: ${messages.join(' ')}` : lastPart(name)];
  });
}

/** `result`, or of the error its type and condition, or its application-specific condition. */
export function reply(effects: readonly EngineEffect[], part: 'defined' | 'application' = 'defined') {
  const stanza = effects.flatMap((effect) => (effect.type === 'reply' ? [effect.stanza] : []))[0];
  if (stanza?.attrs.type !== 'error') return stanza?.attrs.type;
  const error = stanza.getChild('error');
  if (part === 'application') return error?.getChildElements().find(isOurs)?.getName();
  return `${error?.attrs.type}/${error?.getChildElements()[0]?.getName()}`;
}

const isOurs = (element: Element) => element.getNS() === WEBPUSH;

function lastPart(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}
