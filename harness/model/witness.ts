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
  readonly subscription: Subscription;
  readonly recorder: Recorder;
  readonly bareJid: string;
}

/** @param nonce makes the account unlike any other. */
export function openWitness(server: RunningTarget, pushService: PushService, nonce: number): Witness {
  let ready: Promise<Ready> | undefined;
  let sent = 0;

  const enter = async (): Promise<Ready> => {
    const recorder = createRecorder('explore/witness', () => server.now());
    const name = 'witness/phone';
    const credentials: Credentials = await server.provision(
      `witness-${nonce.toString(16)}`,
      server.domains[0],
    );
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
    return { subscription, recorder, bareJid: actor.bareJid };
  };

  return {
    async prove(send, pass, signal) {
      ready ??= enter();
      const { subscription, recorder, bareJid } = await ready;
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
