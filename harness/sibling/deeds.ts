import type { Element } from '@xmpp/xml';
import type { Actor, RawStream } from '../actor/actor.js';
import type { Permutation } from '../case/permutation.js';
import type { Account, Sender, Stage } from '../case/stage.js';
import type { Subscription } from '../push-service/subscription.js';
import type { Tree } from './differences.js';
import { readXml } from './read-xml.js';

/**
 * A case that notes what it does while it plays: whom it connects and how, what is sent, how the push service is told to
 * answer, what happens to streams and to the server. Waiting, fences and marks are no deeds: they change nothing for the
 * server. What the seed makes different from case to case (accounts, endpoints, keys) is noted by the name of its role.
 */
export function notingDeeds(subject: Permutation): { readonly case: Permutation; deeds(): Tree } {
  const deeds: Tree[] = [];
  const names: [secret: string, name: string][] = [];
  return {
    case: {
      ...subject,
      play: (stage, choice) =>
        subject.play(
          noting(stage, names, (deed) => deeds.push(renamed(deed, names))),
          choice,
        ),
    },
    deeds: () => ({
      name: 'play',
      attributes: attributesOf({ ...subject.needs?.config }),
      content: withClockOnce(deeds),
    }),
  };
}

type Note = (deed: Tree) => void;

function noting(stage: Stage, names: [string, string][], note: Note): Stage {
  const accounts = new Set<string>();
  const subscriptions = new Map<string, number>();
  return {
    ...stage,
    now: () => stage.now(),
    hooks: new Proxy(stage.hooks, {
      get:
        (hooks, hook: keyof Stage['hooks']) =>
        (...input: readonly unknown[]) => {
          note(deedOf(hook, {}, ...input.map((value) => JSON.stringify(value))));
          // What matters of a name is where it leads, and that is said here.
          if (hook === 'resolveName') names.push([String(input[0]), '(name)']);
          return (hooks[hook] as (...values: readonly unknown[]) => Promise<void>)(...input);
        },
    }),
    async account(role, options) {
      const account = await stage.account(role, options);
      if (!accounts.has(role)) names.push([account.localpart, role]);
      accounts.add(role);
      return account;
    },
    async connect(name, options = {}) {
      note(deedOf('connect', { name, ...options }));
      await nameAccount(stage, name, names);
      return notingActor(await stage.connect(name, options), note);
    },
    async sender(role) {
      return notingSender(await stage.sender(role), note);
    },
    async rawStream(name, options = {}) {
      note(deedOf('connect', { name, stream: 'raw', ...options }));
      return notingStream(await stage.rawStream(name, options), note);
    },
    async rawSession(name) {
      note(deedOf('connect', { name, stream: 'raw session' }));
      await nameAccount(stage, name, names);
      return notingStream(await stage.rawSession(name), note);
    },
    subscribe(name, options = {}) {
      note(deedOf('subscribe', { name, ...options }));
      const count = (subscriptions.get(name) ?? 0) + 1;
      subscriptions.set(name, count);
      return notingSubscription(stage.subscribe(name, options), `${name} ${count}`, names, note);
    },
    random(label, octets) {
      const made = stage.random(label, octets);
      for (const encoding of ['hex', 'base64url'] as const)
        names.push([Buffer.from(made).toString(encoding), `(random ${label})`]);
      return made;
    },
    endpointUrl(path) {
      const url = stage.endpointUrl(path);
      names.push([url, `(another endpoint ${path})`]);
      return url;
    },
  };
}

async function nameAccount(stage: Stage, name: string, names: [string, string][]): Promise<void> {
  const role = name.slice(0, name.indexOf('/'));
  const { localpart }: Account = await stage.account(role);
  names.push([localpart, role]);
}

function notingActor(actor: Actor, note: Note): Actor {
  const { name } = actor;
  return new Proxy(actor, {
    get(target, property: keyof Actor) {
      const value = target[property];
      if (typeof value !== 'function') return value;
      return (...input: readonly unknown[]) => {
        switch (property) {
          case 'send':
          case 'request':
            note(deedOf('send', { name }, readXml(String(input[0] as Element))));
            break;
          case 'acknowledge':
          case 'setActive':
            note(deedOf(property, { name, value: input[0] }));
            break;
          case 'lose':
          case 'resume':
          case 'close':
            note(deedOf(property, { name }));
        }
        return (value as (...values: readonly unknown[]) => unknown).apply(target, [...input]);
      };
    },
  });
}

function notingSender(sender: Sender, note: Note): Sender {
  return {
    ...sender,
    send(stanza) {
      note(deedOf('send', { name: sender.name }, readXml(stanza.toString())));
      return sender.send(stanza);
    },
  };
}

function notingStream(stream: RawStream, note: Note): RawStream {
  const { name } = stream;
  return {
    ...stream,
    send(octets) {
      const text = typeof octets === 'string' ? octets : Buffer.from(octets).toString('latin1');
      note(deedOf('send', { name }, readXml(text)));
      return stream.send(octets);
    },
    destroy() {
      note(deedOf('lose', { name }));
      stream.destroy();
    },
  };
}

function notingSubscription(
  subscription: Subscription,
  label: string,
  names: [string, string][],
  note: Note,
): Subscription {
  let editions = 0;
  const nameKeys = () => {
    editions += 1;
    names.push([subscription.auth, `(auth ${editions} of ${label})`]);
    names.push([subscription.p256dh, `(p256dh ${editions} of ${label})`]);
  };
  const { host, pathname } = new URL(subscription.endpoint);
  names.push([pathname, `/(path of ${label})`], [host, '(push service)']);
  nameKeys();
  return new Proxy(subscription, {
    get(target, property: keyof Subscription) {
      const value = target[property];
      if (typeof value !== 'function') return value;
      return (...input: readonly unknown[]) => {
        if (property === 'answer')
          for (const answer of input) note(deedOf('answer', { name: label, ...(answer as object) }));
        if (property === 'rekey') note(deedOf('rekey', { name: label }));
        const result = (value as (...values: readonly unknown[]) => unknown).apply(target, [...input]);
        if (property === 'rekey') nameKeys();
        return result;
      };
    },
  });
}

function deedOf(
  name: string,
  attributes: Readonly<Record<string, unknown>>,
  ...content: readonly (Tree | string)[]
): Tree {
  return { name, attributes: attributesOf(attributes), content };
}

function attributesOf(values: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : (JSON.stringify(value) ?? ''),
    ]),
  );
}

/** With the names in place of what the seed made. */
function renamed(tree: Tree, names: readonly (readonly [secret: string, name: string])[]): Tree {
  const rename = (text: string) => names.reduce((so, [secret, name]) => so.replaceAll(secret, name), text);
  return {
    name: tree.name,
    attributes: Object.fromEntries(
      Object.entries(tree.attributes).map(([key, value]) => [key, rename(value)]),
    ),
    content: tree.content.map((node) => (typeof node === 'string' ? rename(node) : renamed(node, names))),
  };
}

/** A case that moves the clock until something happens does it as often as the server makes it: once is the deed. */
function withClockOnce(deeds: readonly Tree[]): readonly Tree[] {
  return deeds.filter(({ name }, index) => name !== 'advanceClock' || deeds[index - 1]?.name !== name);
}
