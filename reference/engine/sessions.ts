import type { Clock } from '../clock/clock.js';
import type { SessionId } from './events.js';

/**
 * Message ids remembered for one registration and for one session. More than the stanzas a server queues for a hibernated
 * stream, so that all of them are recognised when they come again by another trigger; older ones are forgotten.
 */
export const REMEMBERED_MESSAGES = 1000;
/**
 * Milliseconds for which a pushed message is remembered: longer than a session hibernates, after which another trigger may
 * bring it again, and than the TTL of its push.
 */
export const REMEMBERED_TIME = 72 * 3_600_000;

/** A bound resource of an account, and the registration its client enabled through it, if any. */
export interface Session {
  readonly account: string;
  readonly endpoint: string | undefined;
}

/**
 * Which sessions there are, to which registration each is bound, and which messages each registration was pushed. A
 * session is bound by enabling and by nothing else; the binding lasts over hibernation and resumption (XEP-0198 §5).
 */
export interface Sessions {
  /** A fresh session, unbound; one of the same name ends. */
  start(id: SessionId, account: string): void;
  end(id: SessionId): void;
  get(id: SessionId): Session | undefined;
  /** Binds the session, known or not, to the registration; it leaves the one it was bound to. */
  bind(id: SessionId, account: string, endpoint: string): void;
  hibernate(id: SessionId): void;
  /** The messages were sent to the session, or wait for its resumption, and its client has not confirmed them. */
  addUnconfirmed(id: SessionId, messages: readonly string[]): void;
  /** The session is live again and gets all its unconfirmed messages: those its registration was pushed are returned. */
  resume(id: SessionId): readonly string[];
  clearUnconfirmed(id: SessionId): void;
  /** Whether a session, live or hibernated, is bound to the registration. */
  isBound(account: string, endpoint: string): boolean;
  /**
   * Whether a bound session shows the message to the user by itself: it is connected, and has not kept the server waiting
   * for the acknowledgement of this very message.
   */
  isLive(account: string, endpoint: string, message: string): boolean;
  markPushed(account: string, endpoint: string, message: string): void;
  wasPushed(account: string, endpoint: string, message: string): boolean;
  /** The registration is no more: its sessions are unbound, its messages forgotten. */
  forget(account: string, endpoint: string): void;
}

interface State {
  readonly account: string;
  endpoint: string | undefined;
  hibernated: boolean;
  readonly unconfirmed: Set<string>;
}

interface Device {
  readonly key: string;
  readonly bound: Set<State>;
  /** When each message was pushed, the oldest first. */
  readonly pushed: Map<string, number>;
}

/** Sets keep the order of insertion, so the first is the oldest. */
function addBounded(set: Set<string>, value: string): void {
  set.add(value);
  if (set.size <= REMEMBERED_MESSAGES) return;
  for (const oldest of set) {
    set.delete(oldest);
    return;
  }
}

export function createSessions(clock: Clock): Sessions {
  const sessions = new Map<SessionId, State>();
  const devices = new Map<string, Device>();
  /** Those that were pushed to and when that was last, the longest ago first. */
  const told = new Map<Device, number>();

  // A bare JID holds no NUL (RFC 7622 §3), so the two parts cannot run into each other.
  const keyOf = (account: string, endpoint: string) => `${account}\0${endpoint}`;
  const deviceOf = (account: string, endpoint: string) => devices.get(keyOf(account, endpoint));

  const openDevice = (account: string, endpoint: string): Device => {
    const known = deviceOf(account, endpoint);
    if (known) return known;
    const device: Device = { key: keyOf(account, endpoint), bound: new Set(), pushed: new Map() };
    devices.set(device.key, device);
    return device;
  };

  /** Forgets devices that were told nothing for so long that everything they were told is to be forgotten. */
  const forgetOld = (now: number) => {
    for (const [device, at] of told) {
      if (now - at < REMEMBERED_TIME) return;
      told.delete(device);
      device.pushed.clear();
      if (device.bound.size === 0) devices.delete(device.key);
    }
  };

  const unbind = (state: State) => {
    if (state.endpoint === undefined) return;
    const device = deviceOf(state.account, state.endpoint);
    device?.bound.delete(state);
    if (device && device.bound.size === 0 && device.pushed.size === 0)
      devices.delete(keyOf(state.account, state.endpoint));
    state.endpoint = undefined;
  };

  const end = (id: SessionId) => {
    const state = sessions.get(id);
    if (!state) return;
    unbind(state);
    sessions.delete(id);
  };

  const start = (id: SessionId, account: string): State => {
    end(id);
    const state: State = { account, endpoint: undefined, hibernated: false, unconfirmed: new Set() };
    sessions.set(id, state);
    return state;
  };

  return {
    start(id, account) {
      start(id, account);
    },
    end,
    get: (id) => sessions.get(id),
    bind(id, account, endpoint) {
      const state = sessions.get(id) ?? start(id, account);
      unbind(state);
      state.endpoint = endpoint;
      openDevice(account, endpoint).bound.add(state);
    },
    hibernate(id) {
      const state = sessions.get(id);
      if (state) state.hibernated = true;
    },
    addUnconfirmed(id, messages) {
      const state = sessions.get(id);
      if (state) for (const message of messages) addBounded(state.unconfirmed, message);
    },
    clearUnconfirmed(id) {
      sessions.get(id)?.unconfirmed.clear();
    },
    resume(id) {
      const state = sessions.get(id);
      if (!state) return [];
      const { account, endpoint } = state;
      const device = endpoint === undefined ? undefined : deviceOf(account, endpoint);
      const delivered = [...state.unconfirmed].filter((message) => device?.pushed.has(message));
      state.hibernated = false;
      state.unconfirmed.clear();
      return delivered;
    },
    isBound: (account, endpoint) => (deviceOf(account, endpoint)?.bound.size ?? 0) > 0,
    isLive(account, endpoint, message) {
      for (const state of deviceOf(account, endpoint)?.bound ?? [])
        if (!state.hibernated && !state.unconfirmed.has(message)) return true;
      return false;
    },
    markPushed(account, endpoint, message) {
      const now = clock.now();
      const device = openDevice(account, endpoint);
      device.pushed.set(message, now);
      for (const [oldest, at] of device.pushed) {
        if (device.pushed.size <= REMEMBERED_MESSAGES && now - at < REMEMBERED_TIME) break;
        device.pushed.delete(oldest);
      }
      told.delete(device);
      told.set(device, now);
      forgetOld(now);
    },
    wasPushed: (account, endpoint, message) => deviceOf(account, endpoint)?.pushed.has(message) ?? false,
    forget(account, endpoint) {
      const device = deviceOf(account, endpoint);
      if (!device) return;
      for (const state of device.bound) state.endpoint = undefined;
      devices.delete(device.key);
      told.delete(device);
    },
  };
}
