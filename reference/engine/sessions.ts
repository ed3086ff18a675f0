import type { SessionId } from './events.js';

/**
 * Message ids remembered for one registration and for one session. More than the stanzas a server queues for a hibernated
 * stream, so that all of them are recognised when they come again by another trigger; older ones are forgotten.
 */
export const REMEMBERED_MESSAGES = 1000;

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
  readonly bound: Set<State>;
  readonly pushed: Set<string>;
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

export function createSessions(): Sessions {
  const sessions = new Map<SessionId, State>();
  const devices = new Map<string, Device>();

  // A bare JID holds no NUL (RFC 7622 §3), so the two parts cannot run into each other.
  const keyOf = (account: string, endpoint: string) => `${account}\0${endpoint}`;
  const deviceOf = (account: string, endpoint: string) => devices.get(keyOf(account, endpoint));

  const openDevice = (account: string, endpoint: string): Device => {
    const known = deviceOf(account, endpoint);
    if (known) return known;
    const device: Device = { bound: new Set(), pushed: new Set() };
    devices.set(keyOf(account, endpoint), device);
    return device;
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
      addBounded(openDevice(account, endpoint).pushed, message);
    },
    wasPushed: (account, endpoint, message) => deviceOf(account, endpoint)?.pushed.has(message) ?? false,
    forget(account, endpoint) {
      const device = deviceOf(account, endpoint);
      for (const state of device?.bound ?? []) state.endpoint = undefined;
      devices.delete(keyOf(account, endpoint));
    },
  };
}
