import type { Actor, ConnectOptions } from '../../harness/actor/actor.js';
import type { Account, Stage } from '../../harness/case/stage.js';
import type { Subscription } from '../../harness/push-service/subscription.js';
import { TargetFault } from '../../harness/target/fault.js';
import { type EnableFields, enable } from './webpush.js';

/** A device whose registration the server has accepted. */
export interface Device {
  readonly actor: Actor;
  readonly account: Account;
  readonly subscription: Subscription;
}

type Options = Omit<ConnectOptions, 'resource'> & {
  readonly payload?: NonNullable<EnableFields['payload']>;
  /** Enables this subscription, not one of its own: several sessions or accounts on one endpoint. */
  readonly subscription?: Subscription;
};

/** Connects `juliet/phone` and enables its subscription. A refusal stops the case: there is nothing to judge yet. */
export async function enabled(stage: Stage, name: string, options: Options = {}): Promise<Device> {
  const { payload, subscription: shared, ...connection } = options;
  const actor = await stage.connect(name, { ...connection, awaitPresence: false });
  const subscription = shared ?? stage.subscribe(name);
  await accept(actor, { ...fieldsOf(subscription), ...(payload ? { payload } : {}) });
  return { actor, account: await stage.account(roleOf(name)), subscription };
}

/** The same, and then the client leaves properly: the account is offline unless another session of it is there. */
export async function enabledAndGone(stage: Stage, name: string, options: Options = {}): Promise<Device> {
  const device = await enabled(stage, name, options);
  await device.actor.close();
  return device;
}

/** The same, and then the connection breaks; the session hibernates until it is resumed or runs out. */
export async function enabledAndHibernating(
  stage: Stage,
  name: string,
  options: Options = {},
): Promise<Device> {
  const device = await enabled(stage, name, { ...options, streamManagement: 'resumable' });
  await device.actor.lose();
  return device;
}

/** The keys and endpoint of a subscription, as an enable carries them. */
export function fieldsOf({ endpoint, auth, p256dh }: Subscription): EnableFields {
  return { endpoint, auth, p256dh };
}

/** Enables, as a step on the way to something else: a refusal is no finding but the end of the case. */
export async function accept(actor: Actor, fields: EnableFields, id = 'enable'): Promise<void> {
  const answer = await actor.request(enable(id, fields));
  if (answer.attrs.type !== 'result') {
    throw new TargetFault('refused', `the enable of ${actor.name} was refused: ${answer.toString()}`);
  }
}

/** The role in `role/resource`. */
export function roleOf(name: string): string {
  return name.slice(0, name.indexOf('/'));
}
