import xml, { type Element } from '@xmpp/xml';
import type { Actor, Credentials } from '../../actor/actor.js';
import { connectActor } from '../../actor/client.js';
import { createAuthority } from '../../certificate/certificate.js';
import { decodeBase64url } from '../../judge/base64url.js';
import { examineRequest } from '../../judge/examine.js';
import { isPoint } from '../../judge/token.js';
import type { PushService } from '../../push-service/push-service.js';
import type { Subscription } from '../../push-service/subscription.js';
import { openSurroundings } from '../../run/surroundings.js';
import { reachedWithin } from '../../run/wait.js';
import { TargetFault } from '../../target/fault.js';
import type { RunningTarget, Target } from '../../target/target.js';
import { createRecorder, type Recorder } from '../../transcript/transcript.js';
import type { Performance } from '../check.js';
import type { SpecDocument } from '../document.js';
import type { XmlNode } from '../example.js';
import { attribute } from '../examples/structure.js';
import type { SpecFinding } from '../finding.js';
import type { Position } from '../source-text.js';
import { enablesOf, WEBPUSH } from '../webpush/subscriptions.js';
import { compareElement, comparePush, type Difference } from './compare.js';
import { type PushStep, planPlay, type RequestStep, type Step } from './plan.js';

/** Whether a document has anything on Web Push that can be played. */
export function isPlayable(document: SpecDocument): boolean {
  return planPlay(document).some(
    (step) => step.type === 'push' || (step.type === 'request' && step.iq.children[0]?.namespace === WEBPUSH),
  );
}

/**
 * Plays the requests of a document on a server of its own, and compares what it does with what the examples show. Who is
 * wrong where they differ, document or server, is for the author to find out.
 *
 * The endpoints of examples are never contacted: each is replaced, with its keys, by a subscription at a push service
 * that belongs to the play.
 */
export async function playExamples(document: SpecDocument, target: Target): Promise<Performance> {
  const authority = await createAuthority();
  const { pushService, environment } = await openSurroundings(target, authority, 1);
  let server: RunningTarget | undefined;
  try {
    server = await target.start(environment, {});
    return await playOn(document, server, pushService);
  } finally {
    await server?.stop();
    await pushService.close();
  }
}

/** A document has some dozen; each costs a moment, and may cost a session. */
const MAX_PLAYED = 500;

async function playOn(document: SpecDocument, server: RunningTarget, pushService: PushService) {
  const findings: SpecFinding[] = [];
  const report = (rule: string, { at, message }: Difference): void => {
    findings.push({ file: document.file, ...at, level: 'error', rule: `play/${rule}`, message });
  };
  const hint = (at: Position, reason: string): void => {
    const message = `not played: ${reason}`;
    findings.push({ file: document.file, ...at, level: 'hint', rule: 'play/not-played', message });
  };
  const stage = createStage(document, server, pushService);
  let played = 0;
  try {
    for (const step of planPlay(document)) {
      if (step.type === 'skipped') {
        hint(step.iq.at, step.reason);
        continue;
      }
      const stranger = namesOf(step).find((jid) => !server.domains.includes(domainOf(jid)));
      if (stranger !== undefined) {
        hint(
          placeOf(step),
          `the server that plays has no domain ${domainOf(stranger)}, only ${server.domains.join(', ')}`,
        );
        continue;
      }
      if (played === MAX_PLAYED) {
        hint(placeOf(step), `${MAX_PLAYED} requests and messages are played, and no more`);
        break;
      }
      try {
        await stage.invite(namesOf(step));
      } catch (error) {
        hint(placeOf(step), error instanceof Error ? error.message : String(error));
        continue;
      }
      played++;
      try {
        for (const difference of await stage.play(step))
          report(step.type === 'request' ? 'answer' : 'push', difference);
      } catch (error) {
        if (!(error instanceof TargetFault)) throw error;
        report('answer', { at: placeOf(step), message: `the server did not play along: ${error.message}` });
      }
    }
  } finally {
    await stage.close();
  }
  return { played, findings };
}

function createStage(document: SpecDocument, server: RunningTarget, pushService: PushService) {
  const recorder = createRecorder('examples', () => server.now());
  const subscriptions = subscribe(document, server, pushService, recorder);
  const accounts = new Map<string, Promise<Credentials>>();
  const sessions = new Map<string, Actor>();

  const provision = (bare: string): Promise<Credentials> => {
    const account = accounts.get(bare) ?? server.provision(bare.split('@', 1)[0] ?? '', domainOf(bare));
    accounts.set(bare, account);
    return account;
  };

  const session = async (jid: string): Promise<Actor> => {
    const known = sessions.get(jid);
    if (known) return known;
    const [bare = '', resource = ''] = split(jid);
    const actor = await connectActor(
      {
        address: server.address,
        credentials: await provision(bare),
        name: jid,
        recorder,
        patience: server.patience,
      },
      { resource },
    );
    sessions.set(jid, actor);
    return actor;
  };

  const leave = async (bare: string): Promise<void> => {
    for (const [jid, actor] of sessions) {
      if (split(jid)[0] !== bare) continue;
      sessions.delete(jid);
      await actor.close();
    }
  };

  const request = async ({ client, iq, answer }: RequestStep): Promise<readonly Difference[]> => {
    const actor = await session(client);
    const stanza = toElement(iq, subscriptions);
    // The server knows who speaks.
    delete stanza.attrs.from;
    return compareElement(answer, await actor.request(stanza));
  };

  const push = async (step: PushStep): Promise<readonly Difference[]> => {
    const to = split(attribute(step.message, 'to')?.value ?? '')[0] ?? '';
    const sender = await session(step.sender);
    await leave(to);
    const target = `https://${step.request.fields.find(({ name }) => /^host$/i.test(name))?.value}${step.request.start.type === 'request' ? step.request.start.target : ''}`;
    const subscription = subscriptions.get(target);
    if (!subscription)
      return [{ at: step.request.start.at, message: `no example above enables the endpoint ${target}` }];
    const before = subscription.requests.length;
    subscription.answer({ type: 'status', status: step.status });
    const stanza = toElement(step.message, subscriptions);
    delete stanza.attrs.from;
    await sender.send(stanza);
    const came = await reachedWithin(
      recorder,
      server.patience,
      new AbortController().signal,
      () => subscription.requests.length > before,
    );
    const entry = subscription.requests[before];
    if (!came || !entry) return [{ at: step.message.at, message: 'the server does not push this message' }];
    return comparePush(step, await examineRequest(recorder.transcript, entry, { isSentinel: () => false }));
  };

  return {
    /** Creates the accounts of these addresses; rejects when there can be none. */
    async invite(jids: readonly string[]) {
      for (const jid of jids) {
        const [bare = ''] = split(jid);
        if (bare.includes('@')) await provision(bare);
      }
    },
    play: (step: Step) => (step.type === 'request' ? request(step) : push(step)),
    async close() {
      await Promise.allSettled([...sessions.values()].map((actor) => actor.close()));
    },
  };
}

/** A subscription for each endpoint that an example enables with success, by the endpoint of the example. */
function subscribe(
  document: SpecDocument,
  server: RunningTarget,
  pushService: PushService,
  recorder: Recorder,
): ReadonlyMap<string, Subscription> {
  const endpoints = new Set(
    enablesOf(document).flatMap(({ endpoint, refused }) => (endpoint && !refused ? [endpoint.text] : [])),
  );
  return new Map(
    [...endpoints].map((endpoint, index) => [
      endpoint,
      pushService.subscribe({
        name: `example/${index + 1}`,
        recorder,
        case: 'examples',
        endpointUrl: (path) => server.endpointUrl(path),
      }),
    ]),
  );
}

/** The stanza as it is sent: an endpoint with its keys is that of the play. Keys that fit no endpoint stay as they are. */
function toElement(node: XmlNode, subscriptions: ReadonlyMap<string, Subscription>): Element {
  const endpoint = node.children.find(
    ({ local, namespace }) => local === 'endpoint' && namespace === WEBPUSH,
  );
  const subscription = endpoint && subscriptions.get(endpoint.text.trim());
  const attributes = Object.fromEntries(
    node.attributes.filter(({ name }) => !/^xmlns(?::|$)/.test(name)).map(({ name, value }) => [name, value]),
  );
  const children = node.children.map((child) => {
    const element = toElement(child, subscriptions);
    const own = subscription && replacement(child, subscription);
    if (own !== undefined) element.children = [own];
    return element;
  });
  const text = node.text.trim() === '' || node.children.length > 0 ? [] : [node.text];
  const namespace = node.namespace === 'jabber:client' ? {} : { xmlns: node.namespace };
  return xml(node.local, { ...attributes, ...namespace }, ...children, ...text);
}

/** The keys of an example stay when they are no keys: an example of a refusal is about them. */
function replacement({ local, namespace, text }: XmlNode, subscription: Subscription): string | undefined {
  if (namespace !== WEBPUSH) return undefined;
  if (local === 'endpoint') return subscription.endpoint;
  const octets = decodeBase64url(text.trim());
  if (local === 'p256dh' && octets && isPoint(octets)) return subscription.p256dh;
  return local === 'auth' && octets?.length === 16 ? subscription.auth : undefined;
}

function namesOf(step: Step): readonly string[] {
  const to = attribute(step.type === 'request' ? step.iq : step.message, 'to')?.value;
  return [step.type === 'request' ? step.client : step.sender, ...(to === undefined ? [] : [to])];
}

function placeOf(step: Step): Position {
  return step.type === 'request' ? step.iq.at : step.message.at;
}

function split(jid: string): readonly string[] {
  const slash = jid.indexOf('/');
  return slash === -1 ? [jid] : [jid.slice(0, slash), jid.slice(slash + 1)];
}

function domainOf(jid: string): string {
  return (split(jid)[0] ?? '').split('@').at(-1) ?? '';
}
