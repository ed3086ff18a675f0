import xml from '@xmpp/xml';
import type { Actor } from '../actor/actor.js';
import type { Stage, Account as StageAccount } from '../case/stage.js';
import { openWithWebCrypto } from '../judge/open-with-webcrypto.js';
import { readKeys } from '../judge/user-agent-keys.js';
import type { Answer as ServiceAnswer, Subscription } from '../push-service/subscription.js';
import { TargetFault } from '../target/fault.js';
import type { Entry, Recorder, RequestEntry } from '../transcript/transcript.js';
import {
  type Account,
  type Answer,
  accountOf,
  type Browser,
  browserOf,
  type Client,
  type Command,
  describeCommand,
  messageId,
  retryAfter,
  type Sender,
  spans,
} from './command.js';
import { createModel, type Disagreement, type Model, type ObservedPush, wantsText } from './model.js';
import { disableOf, enableOf, messageOf } from './stanzas.js';

/** What a sequence is played with. */
export interface PlayerSetting {
  readonly stage: Stage;
  readonly recorder: Recorder;
  /** The server's time can be moved. */
  readonly hasClock: boolean;
  readonly maxDevices: number;
  /**
   * Lets the time for requests pass and proves that all the server had to send has come: a message to somebody apart from
   * the play has been pushed.
   *
   * @throws FenceLost
   */
  readonly fence: () => Promise<void>;
  /** Milliseconds after which an expected push counts as not coming, on a server whose clock cannot be moved. */
  readonly waitFor: (reached: () => Promise<boolean>) => Promise<boolean>;
  readonly signal: AbortSignal;
}

export interface Played {
  /** The steps that made sense, in words. */
  readonly steps: readonly string[];
  /** Absent when the server did what the text says. */
  readonly disagreement?: Disagreement;
}

/** A request may be on its way over a connection that is still being made, while a fence used one that was there. */
const fencesForAbsence = 6;

/** Field of an answer that is held back, by which the record tells it from others. */
const heldBack = 'x-held-back';

/** Plays a sequence on a server and holds what came against the model. */
export async function playCommands(setting: PlayerSetting, commands: readonly Command[]): Promise<Played> {
  const { stage, recorder, hasClock, maxDevices } = setting;
  const model = createModel({ maxDevices, restTime: retryAfter * 1000 });
  const watch = createWatch(recorder, model);
  const hands = createHands(setting, watch, model);
  const steps: string[] = [];

  /** Until nothing more comes and nothing is missing, or has been missing for long enough. */
  const settle = async (): Promise<Disagreement | undefined> => {
    for (let quiet = 0; quiet < fencesForAbsence; ) {
      if (setting.signal.aborted) return undefined;
      await hands.processed(model.live());
      const before = watch.seen();
      await setting.fence();
      const wrong = await watch.look();
      if (wrong) return wrong;
      if (watch.seen() > before) quiet = 0;
      else if (model.missing()) quiet += 1;
      else break;
    }
    if (model.missing() && !hasClock)
      await setting.waitFor(async () => (await watch.look()) !== undefined || model.missing() === undefined);
    const wrong = (await watch.look()) ?? model.missing();
    model.settle();
    return wrong;
  };

  try {
    for (const [step, command] of commands.entries()) {
      if (setting.signal.aborted) break;
      if (!model.allows(command)) continue;
      steps.push(describeCommand(command));
      stage.mark(describeCommand(command));
      const early = await watch.look();
      if (early) return { steps, disagreement: early };
      if (causesPushes(command)) {
        model.apply(command, step);
        await hands.give(command, step);
      } else {
        await hands.give(command, step);
        // What came while the step was under way belongs to what was before.
        const late = await watch.look();
        if (late) return { steps, disagreement: late };
        model.apply(command, step);
      }
      if (command.type === 'message' && command.hasty && step < commands.length - 1) {
        await hands.processed(model.live());
        continue;
      }
      const disagreement = await settle();
      if (disagreement) return { steps, disagreement };
    }
    return { steps };
  } finally {
    hands.release();
  }
}

/** What comes while such a step is under way may be its doing; with others it is of what was before. */
function causesPushes({ type }: Command): boolean {
  return ['message', 'wait', 'lose', 'close', 'release', 'restart'].includes(type);
}

/** Tells the model of requests, in their order. */
function createWatch(recorder: Recorder, model: Model) {
  const requests: (RequestEntry & Entry)[] = [];
  let looked = 0;
  let wrong: Disagreement | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  const names = new Map<string, string>();
  recorder.listen((entry) => {
    if (entry.kind === 'request') requests.push(entry);
  });

  const look = async (): Promise<Disagreement | undefined> => {
    while (looked < requests.length && !wrong) {
      const entry = requests[looked];
      looked += 1;
      if (entry) wrong = model.observe(await read(recorder, entry, names));
    }
    return wrong;
  };
  return {
    names,
    seen: () => requests.length,
    look(): Promise<Disagreement | undefined> {
      const next = turn.then(look);
      turn = next.catch(() => {});
      return next;
    },
  };
}

async function read(
  recorder: Recorder,
  entry: RequestEntry & Entry,
  names: ReadonlyMap<string, string>,
): Promise<ObservedPush> {
  const browser = entry.subscription as Browser;
  const observed = { browser, at: entry.at, answer: answerIn(entry) };
  const editions = recorder.transcript.entries.filter(
    (other) => other.kind === 'subscription' && other.name === browser,
  );
  const body = new Uint8Array(Buffer.from(entry.request.body, 'base64url'));
  for (const [index, edition] of [...editions.entries()].toReversed()) {
    if (edition.kind !== 'subscription') continue;
    const opening = await openWithWebCrypto(body, readKeys(edition));
    if (!opening.ok) continue;
    const payload = readPayload(opening.plaintext, names);
    return { ...observed, keys: index, ...(payload ? { payload } : {}) };
  }
  return observed;
}

function answerIn({ answer }: RequestEntry): ObservedPush['answer'] {
  if (answer.type !== 'status') return 0;
  if (answer.headers?.[heldBack] === undefined) return answer.status;
  return answer.status === 404 ? 'held-404' : 'held-201';
}

function readPayload(
  plaintext: Uint8Array,
  names: ReadonlyMap<string, string>,
): ObservedPush['payload'] | undefined {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(plaintext).toString());
  } catch {
    return undefined;
  }
  if (typeof json !== 'object' || json === null) return undefined;
  const { account, from, kind, body } = json as Record<string, unknown>;
  return {
    account: names.get(String(account)) ?? String(account),
    from: names.get(String(from)) ?? 'somebody',
    isCall: kind === 'call',
    ...(typeof body === 'string' ? { text: body } : {}),
  };
}

/** What carries the steps out. */
function createHands(setting: PlayerSetting, watch: ReturnType<typeof createWatch>, model: Model) {
  const { stage } = setting;
  const actors = new Map<Client, Actor>();
  const subscriptions = new Map<Browser, Subscription>();
  const writers = new Map<Sender, Awaited<ReturnType<Stage['sender']>>>();
  /** Those who sent since their stream was last known to be processed. */
  const busy = new Set<Sender>();
  const releases: (() => void)[] = [];
  let logins = 0;
  let watcher: Actor | undefined;

  const account = async (role: Account): Promise<StageAccount> => {
    const made = await stage.account(role);
    watch.names.set(made.bareJid, role);
    return made;
  };
  const writer = async (role: Sender) => {
    const known = writers.get(role);
    if (known) return known;
    const made = await stage.sender(role);
    watch.names.set(made.bareJid, role);
    writers.set(role, made);
    return made;
  };
  const subscription = (browser: Browser): Subscription => {
    const known = subscriptions.get(browser);
    if (known) return known;
    const made = stage.subscribe(browser);
    subscriptions.set(browser, made);
    return made;
  };
  const actorOf = (client: Client): Actor => {
    const actor = actors.get(client);
    if (!actor) throw new Error(`${client} is not there`);
    return actor;
  };

  const connect = async (client: Client, management: 'none' | 'resumable'): Promise<Actor> => {
    await account(accountOf(client));
    logins += 1;
    // A resource of its own: a fresh session must not end the one that hibernates.
    const actor = await stage.connect(`${client}-${logins}`, { streamManagement: management, carbons: true });
    actors.set(client, actor);
    return actor;
  };

  const request = async (client: Client, iq: ReturnType<typeof enableOf>) => {
    const answer = await actorOf(client).request(iq);
    if (answer.attrs.type !== 'result')
      throw new TargetFault('refused', `${client} was refused: ${answer.toString()}`);
  };

  const sent = async () => {
    for (const role of [...busy]) await (await writer(role)).ping();
    busy.clear();
  };

  /** The server knows that the connection is gone, when this is over. */
  const lose = async (client: Client) => {
    const actor = actorOf(client);
    watcher ??= await stage.connect('benvolio/desk', { presence: 'none' });
    // RFC 6121 §4.6.3: who was sent presence is told of its end, unless the session can be resumed.
    await actor.send(xml('presence', { to: watcher.fullJid }));
    await actor.ping();
    await actor.lose();
    await watcher.receive(
      `unavailable presence of ${client}`,
      ({ name, attrs }) =>
        name === 'presence' && attrs.from === actor.fullJid && attrs.type === 'unavailable',
    );
    actors.delete(client);
  };

  const answerOf = (answer: Answer): ServiceAnswer => {
    switch (answer) {
      case 429:
        return { type: 'status', status: 429, headers: { 'retry-after': String(retryAfter) } };
      case 'held-201':
      case 'held-404': {
        const when = new Promise<void>((resolve) => releases.push(resolve));
        return {
          type: 'status',
          status: answer === 'held-201' ? 201 : 404,
          headers: { [heldBack]: 'yes' },
          when,
        };
      }
      default:
        return { type: 'status', status: answer };
    }
  };

  const release = () => {
    for (const resolve of releases.splice(0)) resolve();
  };

  const managements = new Map<Client, 'none' | 'resumable'>();
  const give = async (command: Command, step: number): Promise<void> => {
    const id = messageId(step);
    switch (command.type) {
      case 'connect':
        managements.set(command.client, command.management);
        await connect(command.client, command.management);
        return;
      case 'enable': {
        const { client, management, keys } = command;
        if (!model.live().includes(client)) {
          managements.set(client, management);
          await connect(client, management);
        }
        const browser = browserOf(client);
        const own = subscription(browser);
        if (keys === 'new') own.rekey();
        await request(client, enableOf(id, own, wantsText(browser)));
        return;
      }
      case 'disable': {
        const { what } = command;
        const named = what === 'own' || what === 'all' ? what : subscription(what);
        await request(command.client, disableOf(id, named));
        return;
      }
      case 'message': {
        const { to, kind, from } = command;
        const address =
          to === 'juliet' || to === 'nurse'
            ? (await account(to)).bareJid
            : (actors.get(to)?.fullJid ?? `${(await account(accountOf(to))).bareJid}/gone`);
        busy.add(from);
        await (await writer(from)).send(messageOf(kind, address, id));
        return;
      }
      case 'write': {
        const { bareJid } = await writer('romeo');
        await actorOf(command.client).send(messageOf('chat', bareJid, id));
        return;
      }
      case 'close':
        await actorOf(command.client).close();
        actors.delete(command.client);
        return;
      case 'lose':
        if (managements.get(command.client) === 'none') await lose(command.client);
        else await actorOf(command.client).lose();
        return;
      case 'resume': {
        const actor = actorOf(command.client);
        actor.acknowledge(true);
        if ((await actor.resume()) === 'refused')
          throw new TargetFault('refused', `${command.client} could not resume within the time for it`);
        return;
      }
      case 'doze':
        actorOf(command.client).acknowledge(false);
        return;
      case 'restart':
        release();
        await stage.hooks.restart();
        actors.clear();
        watcher = undefined;
        return;
      case 'wait':
        await stage.hooks.advanceClock(spans[command.span]);
        return;
      case 'answer':
        subscription(command.browser).answer(answerOf(command.with));
        return;
      case 'release':
        release();
    }
  };

  return {
    give,
    release,
    /** All that these clients and the senders sent has been processed, and so have their acknowledgements. */
    async processed(live: readonly Client[]) {
      await sent();
      for (const client of live) {
        const actor = actorOf(client);
        await actor.ping();
        if (managements.get(client) === 'resumable') await actor.ping();
      }
    },
  };
}
