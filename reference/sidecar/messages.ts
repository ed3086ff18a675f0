import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { EngineEvent, RoutedMessage, SessionId } from '../engine/events.js';
import { readElement } from '../server/stream/xml-reader.js';
import { Refusal } from './refusal.js';

// `schemas/sidecar.schema.json`, once something was checked against it.

/** A session as the XMPP server remembers it, for a sidecar that may know nothing of it. */
export interface SessionState {
  readonly session: SessionId;
  readonly account: string;
  readonly hibernated: boolean;
  readonly endpoint?: string;
}

export interface Open {
  readonly domain: string;
  readonly sessions: readonly SessionState[];
}

export interface Batch {
  readonly link: string;
  readonly batch: number;
  readonly events: readonly WireEvent[];
}

/** A message whose stanza is XML text. */
export type WireMessage = Omit<RoutedMessage, 'stanza'> & { readonly stanza: string };

/** An event of the engine as it is sent: every stanza is XML text. */
export type WireEvent = EngineEvent extends infer Event ? OnTheWire<Event> : never;

type OnTheWire<Event> = {
  readonly [Member in keyof Event]: Member extends 'stanza'
    ? string
    : Member extends 'message'
      ? WireMessage
      : Member extends 'unacked'
        ? readonly WireMessage[]
        : Event[Member];
};

export interface Disco {
  readonly features: readonly string[];
  readonly form: string;
}

export interface Opened {
  readonly link: string;
  readonly disco: Disco | null;
}

export interface Reply {
  readonly session: SessionId;
  readonly stanza: string;
  readonly endpoint?: string;
}

export interface Answer {
  readonly replies: readonly Reply[];
  readonly disco: Disco | null;
}

/** A stanza that the XMPP server let pass is read, but nothing that grows without end. */
const STANZA_LIMITS = { stanzaOctets: 1_048_576, depth: 64 };

const ajv = new Ajv({ discriminator: true }).addSchema(readSchema(), 'sidecar');

/** @throws {Refusal} `bad-request`, naming the place. */
export const parseOpen = (value: unknown): Open => check(validatorOf<Open>('open'), value);

/** @throws {Refusal} `bad-request`, naming the place. */
export const parseBatch = (value: unknown): Batch => check(validatorOf<Batch>('batch'), value);

/**
 * The event with its stanzas read.
 *
 * @throws {XmlFault} when one cannot be: it is not well-formed, or nests too deep.
 */
export function readEvent(event: WireEvent): EngineEvent {
  switch (event.type) {
    case 'iq':
      return { ...event, stanza: readElement(event.stanza, STANZA_LIMITS) };
    case 'hibernation-started':
    case 'ack-delayed':
      return { ...event, unacked: event.unacked.map(readMessage) };
    case 'hibernation-queued':
    case 'archived':
    case 'stored-offline':
      return { ...event, message: readMessage(event.message) };
    case 'session-started':
    case 'session-ended':
    case 'resumed':
    case 'account-deleted':
    case 'credentials-changed':
      return event;
  }
}

function readMessage(message: WireMessage): RoutedMessage {
  return { ...message, stanza: readElement(message.stanza, STANZA_LIMITS) };
}

function validatorOf<T>(definition: string): ValidateFunction<T> {
  const validate = ajv.getSchema<T>(`sidecar#/definitions/${definition}`);
  if (!validate) throw new Error(`the schema has no definition ${definition}`);
  return validate as ValidateFunction<T>;
}

function check<T>(validate: ValidateFunction<T>, value: unknown): T {
  if (validate(value)) return value;
  throw new Refusal('bad-request', describe(validate.errors?.[0]));
}

/** The place and what is wrong there, never the value. */
function describe(error: ErrorObject | undefined): string {
  if (!error) return 'the body does not match the schema';
  const place = error.instancePath || 'the body';
  if (error.keyword === 'additionalProperties')
    return `${place} has an unknown member "${(error.params as { additionalProperty: string }).additionalProperty}"`;
  return `${place} ${error.message ?? 'is wrong'}`;
}

/** Sources and compiled files lie at different depths below the package's root. */
function readSchema(folder: string = dirname(fileURLToPath(import.meta.url))): object {
  const file = join(folder, 'schemas', 'sidecar.schema.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : readSchema(dirname(folder));
}
