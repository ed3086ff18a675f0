import type { Credentials } from '../actor/actor.js';
import { connectActor } from '../actor/client.js';
import { FenceLost } from '../fence/fence.js';
import type { PushService } from '../push-service/push-service.js';
import type { Subscription } from '../push-service/subscription.js';
import { reachedWithin } from '../run/wait.js';
import { TargetFault } from '../target/fault.js';
import type { RunningTarget } from '../target/target.js';
import { createRecorder, type Recorder } from '../transcript/transcript.js';
import { enableOf } from './stanzas.js';

/** Somebody with a device who is never there, and whom no sequence touches: what they are told of tells the time. */
export interface Witness {
  /**
   * Sends the witness a message and waits until it was pushed: what was due before has been sent then.
   *
   * @param send a message to this bare JID; its place among the witness's messages.
   * @param pass lets the batch window pass, where time can be moved.
   * @throws FenceLost when the push does not come.
   */
  prove(
    send: (to: string, place: number) => Promise<void>,
    pass: (() => Promise<void>) | undefined,
    signal: AbortSignal,
  ): Promise<void>;
}

interface Ready {
  readonly credentials: Credentials;
  readonly subscription: Subscription;
  readonly recorder: Recorder;
  readonly bareJid: string;
  /** On the server's clock, in milliseconds. */
  readonly since: number;
}

/**
 * Accounts that take turns, where there is no end of them, and messages to one in a row: a server limits the requests for
 * an account.
 */
const manyAccounts = 10;
const inARow = 10;
/** An account makes room for a new one before its store of offline messages can be full, */
const mostMessages = 50;
/** or, after so many milliseconds, its registration may expire. */
const lifetime = 20 * 24 * 3_600_000;

/** @param id makes the accounts unlike any other. */
export function openWitness(server: RunningTarget, pushService: PushService, id: string): Witness {
  const accounts = server.release ? 1 : manyAccounts;
  const turns: Ready[] = [];
  let entered = 0;
  let sent = 0;

  const enter = async (): Promise<Ready> => {
    entered += 1;
    const recorder = createRecorder('explore/witness', () => server.now());
    const name = 'witness/phone';
    const credentials: Credentials = await server.provision(`witness-${id}-${entered}`, server.domains[0]);
    const subscription = pushService.subscribe({
      name,
      recorder,
      case: 'explore/witness',
      endpointUrl: (path) => server.endpointUrl(path),
    });
    const { address, patience } = server;
    const actor = await connectActor(
      { address, credentials, name, recorder, patience },
      { resource: 'phone', presence: 'none' },
    );
    const answer = await actor.request(enableOf('enable', subscription, false));
    await actor.close();
    if (answer.attrs.type !== 'result')
      throw new TargetFault('refused', `the enable of ${name} was refused: ${answer.toString()}`);
    return { credentials, subscription, recorder, bareJid: actor.bareJid, since: server.now() };
  };

  return {
    async prove(send, pass, signal) {
      // Where time is moved on, the limit never bites.
      const turn = pass ? 0 : Math.floor(sent / inARow) % accounts;
      const known = turns[turn];
      const isGood = known && server.now() - known.since < lifetime;
      const hasRoom = isGood && known.subscription.requests.length < mostMessages;
      if (known && !hasRoom) await server.release?.(known.credentials, ['phone']);
      const ready = hasRoom ? known : await enter();
      turns[turn] = ready;
      const { subscription, recorder, bareJid } = ready;
      const before = subscription.requests.length;
      sent += 1;
      await send(bareJid, sent);
      await pass?.();
      const held = await reachedWithin(
        recorder,
        server.patience,
        signal,
        () => subscription.requests.length > before,
      );
      if (!held) throw new FenceLost('a message to the witness, who is away, was not pushed');
    },
  };
}
