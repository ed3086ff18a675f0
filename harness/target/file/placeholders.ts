import type { Credentials } from '../../actor/actor.js';
import { suggest } from '../../usage/usage-error.js';
import { type Setting, settings, type TargetConfig } from '../target.js';
import type { TargetFile } from './target-file.js';

/** What placeholders stand for, by name: `port`, `port:websocket`. */
export type Values = Readonly<Record<string, string>>;

/** `{name}` or `{port:name}`; `${name}` is a shell's and stays as it is. */
const placeholder = /(?<!\$)\{([A-Za-z]+(?::[a-z][a-z0-9-]*)?)\}/g;

/** Known to everything in a file; ports by name apart, and what a process alone has. */
const general = ['host', 'port', 'domain', 'domains', 'roomsDomain', 'pushHost', 'pushPort'] as const;
const ofProcess = ['dataDir', 'caFile', 'keyFile', 'certFile', ...settings] as const;
const account = ['localpart', 'domain', 'jid', 'password'] as const;

/** What each action may name beside what is general. */
const ofHook: Readonly<Record<string, readonly string[]>> = {
  advanceClock: ['milliseconds', 'seconds'],
  deleteAccount: ['localpart', 'domain', 'jid'],
  createAccount: account,
  setPassword: account,
  changeKey: ['domain'],
  resolveName: ['name', 'address'],
  allowHost: ['allowedHost'],
  configure: settings,
};

/** Every placeholder that occurs in a value: in its strings, at any depth. */
export function placeholdersIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [...value.matchAll(placeholder)].map(([, name = '']) => name);
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(placeholdersIn);
  return [];
}

/** The same value with what its placeholders stand for; one that stands for nothing is left as it is. */
export function fill<T>(value: T, values: Values): T {
  if (typeof value === 'string')
    return value.replace(placeholder, (text, name: string) => values[name] ?? text) as T;
  if (Array.isArray(value)) return value.map((item) => fill(item, values)) as T;
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, fill(item, values)])) as T;
  return value;
}

/** The same as variables of an environment: `WEBPUSH_MAX_DEVICES`, `WEBPUSH_PORT_WEBSOCKET`. */
export function asEnvironment(values: Values): Record<string, string> {
  const upper = (name: string) => name.replace(/[A-Z]/g, '_$&').replace(/[:-]/g, '_').toUpperCase();
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`WEBPUSH_${upper(name)}`, value]));
}

/** What a configuration puts in place of the placeholders of its settings. */
export function valuesOf(config: TargetConfig): Values {
  return Object.fromEntries(
    Object.entries(config).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}

/** What an action on an account is told of it. */
export function accountValues({ localpart, domain, password }: Credentials): Values {
  return { localpart, domain, jid: `${localpart}@${domain}`, password };
}

/** What can be set on a server of this description: what it says, and what its commands ask for. */
export function configurableBy({ configurable = [], process, hooks }: TargetFile): readonly Setting[] {
  const named = placeholdersIn([process?.command, process?.env, hooks?.configure]);
  return settings.filter((setting) => configurable.includes(setting) || named.includes(setting));
}

/** What is wrong with the placeholders of a file, with the place; undefined when all stand for something. */
export function checkPlaceholders(file: TargetFile): string | undefined {
  const { process, hooks = {}, accounts, config = {}, websocket, push } = file;
  const own = process ? ofProcess : [];
  const places: readonly (readonly [place: string, value: unknown, more: readonly string[]])[] = [
    ['/websocket', websocket, []],
    ['/push/endpoint', push.endpoint, ['path']],
    ['/process', process, own],
    ['/accounts', accounts, [...own, ...account]],
    ...Object.entries(hooks).map(
      ([name, action]) => [`/hooks/${name}`, action, [...own, ...(ofHook[name] ?? [])]] as const,
    ),
  ];
  for (const [place, value, more] of places) {
    const known = [...new Set([...general, ...more])];
    for (const name of placeholdersIn(value)) {
      if (name.startsWith('port:') ? process !== undefined : known.includes(name)) continue;
      if (name.startsWith('port:')) return `${place} has {${name}}, which only a process has`;
      return `${place} has an unknown placeholder {${name}}${suggest(name, known)}`;
    }
  }
  const used = placeholdersIn([process, hooks.configure]);
  const open = settings.find((setting) => used.includes(setting) && config[setting] === undefined);
  if (open !== undefined)
    return `{${open}} is used, so /config needs "${open}": its value where a case asks for no other`;
  return undefined;
}
