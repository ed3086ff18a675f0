import xml, { type Element } from '@xmpp/xml';
import type { Actor } from '../actor/actor.js';
import type { Stage, Account as StageAccount } from '../case/stage.js';
import type { Answer as ServiceAnswer, Subscription } from '../push-service/subscription.js';
import { TargetFault } from '../target/fault.js';
import {
  type Account,
  type Answer,
  accountOf,
  type Browser,
  browserOf,
  type Client,
  type Command,
  type Management,
  messageId,
  retryAfter,
  type Sender,
  spans,
} from './command.js';
import type { Model } from './model.js';
import type { PlayerSetting } from './player.js';
import { wantsText } from './requests.js';
import { disableOf, discoOf, enableOf, keepOf, keyIn, messageOf } from './stanzas.js';
import { heldBack, type Watch } from './watch.js';

/**
 * What carries the steps out.
 *
 * @param archiving takes the accounts whose archive has agreed to keep every message.
 */
export function createHands(
  { stage, abilities }: Pick<PlayerSetting, 'stage' | 'abilities'>,
  watch: Pick<Watch, 'names' | 'serverKeys'>,
  model: Pick<Model, 'live'>,
  archiving: Set<string>,
) {
  const actors = new Map<Client, Actor>();
  const subscriptions = new Map<Browser, Subscription>();
  const writers = new Map<Sender, Awaited<ReturnType<Stage['sender']>>>();
  /** Those who sent since their stream was last known to be processed. */
  const busy = new Set<Sender>();
  const releases: (() => void)[] = [];
  let logins = 0;
  let watcher: Actor | undefined;
  /** Accounts whose archive was asked to keep every message. */
  const asked = new Set<Account>();

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

  /** Some archives keep every message only when asked. */
  const keepMessages = async (role: Account, actor: Actor) => {
    if (asked.has(role)) return;
    asked.add(role);
    const answer = await actor.request(keepOf('keep'));
    if (answer.attrs.type === 'result') archiving.add(role);
  };

  const connect = async (client: Client, management: Management): Promise<Actor> => {
    await account(accountOf(client));
    logins += 1;
    // A resource of its own: a fresh session must not end the one that hibernates.
    const { carbons } = abilities;
    const actor = await stage.connect(`${client}-${logins}`, { streamManagement: management, carbons });
    actors.set(client, actor);
    await keepMessages(accountOf(client), actor);
    return actor;
  };

  const request = async (client: Client, iq: Element) => {
    const answer = await actorOf(client).request(iq);
    if (answer.attrs.type !== 'result')
      throw new TargetFault('refused', `${client} was refused: ${answer.toString()}`);
  };

  const sent = async () => {
    for (const role of [...busy]) await (await writer(role)).ping();
    busy.clear();
  };

  /** Somebody apart, who asks and looks. */
  const watcherOf = async (): Promise<Actor> => {
    watcher ??= await stage.connect('benvolio/desk', { presence: 'none' });
    return watcher;
  };

  const askForKey = async () => {
    const asking = await watcherOf();
    watch.serverKeys.push(keyIn(await asking.request(discoOf(asking.bareJid))) ?? '');
  };

  /** The server knows that the connection is gone, when this is over. */
  const lose = async (client: Client) => {
    const actor = actorOf(client);
    const watching = await watcherOf();
    // RFC 6121 §4.6.3: who was sent presence is told of its end, unless the session can be resumed.
    await actor.send(xml('presence', { to: watching.fullJid }));
    await actor.ping();
    await actor.lose();
    await watching.receive(
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
      case 'reset':
        return { type: 'reset' };
      default:
        return { type: 'status', status: answer };
    }
  };

  const release = () => {
    for (const resolve of releases.splice(0)) resolve();
  };

  const managements = new Map<Client, Management>();
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
      case 'crash':
        release();
        await stage.hooks[command.type]();
        actors.clear();
        watcher = undefined;
        return;
      case 'change-key':
        await stage.hooks.changeKey(stage.domains[0]);
        await askForKey();
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
    askForKey,
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
