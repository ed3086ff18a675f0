import xml, { type Element } from '@xmpp/xml';
import type { Actor, Credentials } from '../actor/actor.js';
import { connectActor } from '../actor/client.js';
import { disableOf, enableOf } from '../model/stanzas.js';
import type { PushService } from '../push-service/push-service.js';
import { TargetFault } from '../target/fault.js';
import { type RunningTarget, type TargetDescription, unknownVersion } from '../target/target.js';
import { createRecorder, type Recorder } from '../transcript/transcript.js';
import { adapt, type Calibration, measurePushes } from './calibration.js';
import type { Senders } from './senders.js';
import { type Answered, judgeSupport, type Support } from './support.js';
import { type Lacks, lacksOf } from './traits.js';

/** What is found out about a target before its first case. */
export interface Introduction {
  /** As the target tells it, completed by what the server says of itself (XEP-0092). */
  readonly description: TargetDescription;
  readonly support: Support;
  readonly lacks: Lacks;
  readonly calibration: Calibration;
}

const name = 'greeter/desk';
const pings = 3;

/** Unlike any account of a case, the same for the same seed. */
const localpartOf = (seed: number) => `greeter-${seed.toString(16)}`;

/**
 * One client logs in and is answered: proof that there is an XMPP server to judge, before anything is held against it.
 *
 * @throws TargetFault what the server did instead.
 */
export async function greet(target: RunningTarget, seed: number, domain: string): Promise<void> {
  const recorder = createRecorder('greeting', () => target.now());
  const credentials = await target.provision(`visitor-${seed.toString(16)}`, domain);
  const actor = await enter(target, credentials, recorder);
  try {
    await actor.ping();
  } finally {
    await actor.close();
    await target.release?.(credentials, ['desk']);
  }
}

/**
 * Greets, looks whether there is Web Push and what else the server has, and measures it.
 *
 * @throws TargetFault when no client can log in and be answered.
 */
export async function introduce(
  target: RunningTarget,
  pushService: PushService,
  senders: Senders,
  seed: number,
  signal: AbortSignal,
): Promise<Introduction> {
  const recorder = createRecorder('introduction', () => target.now());
  const credentials = await target.provision(localpartOf(seed), target.domains[0]);
  const actor = await enter(target, credentials, recorder);
  try {
    const pinged = await times(pings, () => actor.ping());
    const ask = (request: Element) => answerTo(actor, request);
    const [account, host, roster, preferences, software] = await Promise.all([
      ask(discoInfo('account', actor.bareJid)),
      ask(discoInfo('host', credentials.domain)),
      ask(xml('iq', { type: 'get', id: 'roster' }, xml('query', { xmlns: 'jabber:iq:roster' }))),
      ask(xml('iq', { type: 'get', id: 'preferences' }, xml('prefs', { xmlns: 'urn:xmpp:mam:2' }))),
      ask(
        xml(
          'iq',
          { type: 'get', id: 'version', to: credentials.domain },
          xml('query', { xmlns: 'jabber:iq:version' }),
        ),
      ),
    ]);
    const subscription = pushService.subscribe({
      name,
      recorder,
      case: 'introduction',
      endpointUrl: (path) => target.endpointUrl(path),
    });
    const enabled = await ask(enableOf('enable', subscription, false));
    const lacks = lacksOf(target, {
      stream: actor.features,
      features: new Set([account, host].flatMap(featuresOf)),
      isResumable: await canResume(target, credentials, recorder),
      roster,
      preferences,
    });
    const support = judgeSupport(actor.bareJid, account, enabled);
    const isEnabled = !('missing' in enabled) && enabled.attrs.type === 'result';
    await actor.close();
    const device = { bareJid: actor.bareJid, subscription, recorder };
    const measured = isEnabled
      ? await measurePushes(target, device, senders, seed, signal)
      : { pushes: [], order: 'unknown' as const };
    if (isEnabled) await leave(target, credentials, recorder);
    const description = describeServer(target.description, software);
    return {
      description,
      support,
      lacks,
      calibration: adapt({ pings: pinged, ...measured }, target.patience),
    };
  } finally {
    await actor.close();
    await target.release?.(credentials, ['desk', 'tablet']);
  }
}

function enter(
  { address, patience }: RunningTarget,
  credentials: Credentials,
  recorder: Recorder,
): Promise<Actor> {
  return connectActor({ address, credentials, name, recorder, patience }, { resource: 'desk' });
}

/** Nothing is pushed to the greeter any more, whoever has the account next. */
async function leave(target: RunningTarget, credentials: Credentials, recorder: Recorder): Promise<void> {
  const actor = await enter(target, credentials, recorder);
  try {
    await answerTo(actor, disableOf('disable', 'all'));
  } finally {
    await actor.close();
  }
}

async function canResume(
  { address, patience }: RunningTarget,
  credentials: Credentials,
  recorder: Recorder,
): Promise<boolean> {
  try {
    const actor = await connectActor(
      { address, credentials, name: 'greeter/tablet', recorder, patience },
      { resource: 'tablet', streamManagement: 'resumable', presence: 'none' },
    );
    await actor.close();
    return true;
  } catch (error) {
    if (error instanceof TargetFault) return false;
    throw error;
  }
}

/** A server that does not answer what it does not know breaks RFC 6120 §8.2.3; that alone is no reason to end a run. */
async function answerTo(actor: Actor, request: Element): Promise<Answered> {
  try {
    return await actor.request(request);
  } catch (error) {
    if (error instanceof TargetFault && error.code === 'silence') return { missing: 'no answer' };
    throw error;
  }
}

const discoInfo = (id: string, to: string) =>
  xml('iq', { type: 'get', id, to }, xml('query', { xmlns: 'http://jabber.org/protocol/disco#info' }));

/** What a server says may be anything, but it is a name and a version in one line each. */
export function describeServer(told: TargetDescription, answer: Answered): TargetDescription {
  const query = 'missing' in answer ? undefined : answer.getChild('query', 'jabber:iq:version');
  const text = (name: string) =>
    query
      ?.getChildText(name)
      ?.replace(/[\p{C}\s]+/gu, ' ')
      .trim()
      .slice(0, 80);
  const [software, version] = [text('name'), text('version')];
  return told.version === unknownVersion && software && version ? { ...told, software, version } : told;
}

function featuresOf(info: Answered): readonly string[] {
  if ('missing' in info) return [];
  const features = info.getChild('query')?.getChildren('feature') ?? [];
  return features.map(({ attrs }) => String(attrs.var));
}

/** How long each of some repetitions took, milliseconds. */
async function times(count: number, act: () => Promise<void>): Promise<readonly number[]> {
  const took: number[] = [];
  for (let round = 0; round < count; round += 1) {
    const since = performance.now();
    await act();
    took.push(performance.now() - since);
  }
  return took;
}
