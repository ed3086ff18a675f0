/** The accounts of the model: Juliet's with three browsers, and the Nurse's, who shares Juliet's phone. */
export type Account = 'juliet' | 'nurse';

/** A browser profile, which has one subscription, whoever enables it. */
export type Browser = 'phone' | 'tablet' | 'laptop';

/** Role and resource, as in the transcript. */
export type Client = 'juliet/phone' | 'juliet/tablet' | 'juliet/laptop' | 'nurse/phone';

/** Who writes: each is a conversation of its own. */
export type Sender = 'romeo' | 'mercutio';

/** A small set of messages: of each, the text says in one sentence whether it is important. */
export type MessageKind =
  | 'chat'
  | 'call'
  | 'omemo'
  | 'omemo-empty'
  | 'chat-state'
  | 'headline'
  | 'correction'
  | 'error';

/** What the push service answers to the next request for a browser. A held answer comes with `release`. */
export type Answer = 403 | 404 | 410 | 429 | 503 | 'reset' | 'held-201' | 'held-404';

/** How much time passes: more than a delayed acknowledgement, a hibernation, a token, any TTL, a registration may last. */
export type Span = 'minute' | 'quarter' | 'day' | 'days' | 'month';

export type Management = 'none' | 'resumable';

/** One step: something that is done to the server from outside, and nothing of what should follow from it. */
export type Command =
  /** A fresh session that does not enable. */
  | { readonly type: 'connect'; readonly client: Client; readonly management: Management }
  /** Connects first when it has to. */
  | {
      readonly type: 'enable';
      readonly client: Client;
      readonly management: Management;
      readonly keys: 'same' | 'new';
    }
  | { readonly type: 'disable'; readonly client: Client; readonly what: 'own' | 'all' | Browser }
  /** `hasty`: what follows comes before the batch window is over. */
  | {
      readonly type: 'message';
      readonly to: Account | Client;
      readonly kind: MessageKind;
      readonly from: Sender;
      readonly hasty: boolean;
    }
  /** The account itself writes to somebody. */
  | { readonly type: 'write'; readonly client: Client }
  | { readonly type: 'close'; readonly client: Client }
  | { readonly type: 'lose'; readonly client: Client }
  | { readonly type: 'resume'; readonly client: Client }
  /** The connection stays, but nothing is acknowledged any more. */
  | { readonly type: 'doze'; readonly client: Client }
  | { readonly type: 'restart' }
  | { readonly type: 'crash' }
  /** The host gets a new application server key. */
  | { readonly type: 'change-key' }
  | { readonly type: 'wait'; readonly span: Span }
  | { readonly type: 'answer'; readonly browser: Browser; readonly with: Answer }
  | { readonly type: 'release' };

/** Milliseconds. */
export const spans: Readonly<Record<Span, number>> = {
  minute: 60_000,
  quarter: 15 * 60_000,
  day: 25 * 3_600_000,
  days: 72 * 3_600_000,
  month: 31 * 24 * 3_600_000,
};

/** Seconds, as `Retry-After` has them. */
export const retryAfter = 120;

export function accountOf(client: Client): Account {
  return client === 'nurse/phone' ? 'nurse' : 'juliet';
}

export function browserOf(client: Client): Browser {
  switch (client) {
    case 'juliet/tablet':
      return 'tablet';
    case 'juliet/laptop':
      return 'laptop';
    default:
      return 'phone';
  }
}

/** Names the message of a step in the transcript; in the order of the steps. */
export const messageId = (step: number): string => `m${String(step).padStart(3, '0')}`;

/** What a server and the kit's hand in it can do, so that steps that need what is missing are left out. */
export interface Abilities {
  readonly restart: boolean;
  readonly crash: boolean;
  /** The server's time can be moved, so that steps can fall within its batch window, and days pass. */
  readonly clock: boolean;
  readonly changeKey: boolean;
  /** Sessions hibernate and can be resumed (XEP-0198 §5). */
  readonly resumption: boolean;
  /** A session gets copies of what another one gets (XEP-0280). */
  readonly carbons: boolean;
}

const kinds: Readonly<Record<MessageKind, string>> = {
  chat: 'a chat message',
  call: 'a call proposal',
  omemo: 'an OMEMO message with a payload',
  'omemo-empty': 'an OMEMO message without a payload',
  'chat-state': 'a chat state',
  headline: 'a headline',
  correction: 'a correction',
  error: 'a message of type error',
};

const durations: Readonly<Record<Span, string>> = {
  minute: 'a minute passes',
  quarter: '15 minutes pass, longer than a session hibernates',
  day: '25 hours pass, longer than a token may last',
  month: '31 days pass, after which a registration may have expired',
  days: '72 hours pass, longer than the push service keeps anything',
};

/** A step in words. */
export function describeCommand(command: Command): string {
  switch (command.type) {
    case 'connect':
      return `${command.client} connects${without(command.management)} and does not enable`;
    case 'enable':
      return `${command.client} enables${command.keys === 'new' ? ' with new keys' : ''}${without(command.management)}`;
    case 'disable':
      return `${command.client} disables ${disabled(command.what)}`;
    case 'message':
      return `${command.from} sends ${kinds[command.kind]} to ${command.to}${command.hasty ? ', and at once:' : ''}`;
    case 'write':
      return `${command.client} writes to somebody`;
    case 'close':
      return `${command.client} closes its stream`;
    case 'lose':
      return `${command.client} loses its connection`;
    case 'resume':
      return `${command.client} resumes`;
    case 'doze':
      return `${command.client} acknowledges nothing any more`;
    case 'restart':
      return 'the server restarts';
    case 'crash':
      return 'the server dies and starts again';
    case 'change-key':
      return 'the host gets a new application server key';
    case 'wait':
      return durations[command.span];
    case 'answer':
      return `the push service will answer the next request for the ${command.browser} ${answered(command.with)}`;
    case 'release':
      return 'the push service gives the answers it held back';
  }
}

function without(management: Management): string {
  return management === 'none' ? ' without stream management' : '';
}

function disabled(what: 'own' | 'all' | Browser): string {
  if (what === 'all') return 'everything';
  return what === 'own' ? 'its own registration' : `the endpoint of the ${what}`;
}

function answered(answer: Answer): string {
  switch (answer) {
    case 'reset':
      return 'by breaking off the connection';
    case 429:
      return `429 with Retry-After: ${retryAfter}`;
    case 'held-201':
      return 'only when it is told to, with 201';
    case 'held-404':
      return 'only when it is told to, with 404';
    default:
      return String(answer);
  }
}
