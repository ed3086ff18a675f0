import type { Element } from '@xmpp/xml';
import type { Fences } from '../case/stage.js';
import { FenceLost } from '../fence/fence.js';
import { sentinelMessage, sentinelRole, sentinelTest } from '../fence/sentinel.js';
import { examineRequest } from '../judge/examine.js';
import type { Subscription } from '../push-service/subscription.js';
import type { Entry, FenceKind, Recorder, RequestEntry } from '../transcript/transcript.js';
import { reachedWithin } from './wait.js';

export interface FenceContext {
  readonly recorder: Recorder;
  /** Milliseconds after which a proof counts as not coming. */
  readonly patience: number;
  /** Sentinels in a fence: more than one where pushes overtake one another. Default 1. */
  readonly sentinels?: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** Sends as a role that is only there to send, and records it. */
  readonly send: (role: string, stanza: Element) => Promise<void>;
}

/** The fences of one case. */
export interface FencesOfCase {
  readonly fence: Fences;
  /** Whether a request is one that the case is about, and no sentinel's. */
  counts(entry: RequestEntry & Entry): Promise<boolean>;
}

/** Puts up the fences of a case, and records each as held or lost. */
export function createFences({
  recorder,
  patience,
  sentinels = 1,
  seed,
  signal,
  send,
}: FenceContext): FencesOfCase {
  const isSentinel = sentinelTest(seed, recorder.transcript);
  let sentinelSent = false;

  const isSentinelRequest = async (entry: RequestEntry & Entry): Promise<boolean> => {
    const { sentinel } = await examineRequest(recorder.transcript, entry, { isSentinel });
    return sentinel;
  };

  const raise = (fence: FenceKind, since: number, detail: string, held: boolean) => {
    recorder.record({
      kind: 'fence',
      fence,
      state: held ? 'held' : 'lost',
      detail,
      took: performance.now() - since,
    });
    if (!held) throw new FenceLost(detail);
  };

  return {
    // Sentinels only follow once one was sent, so until then every request counts without being opened.
    counts: async (entry) => !sentinelSent || !(await isSentinelRequest(entry)),
    fence: {
      async ping(actor) {
        const since = performance.now();
        const held = await succeeds(actor.ping());
        raise('ping', since, `of ${actor.name}`, held);
      },
      async sentinel(to, through, ...senders) {
        const since = performance.now();
        const inARow = sentinels > 1 ? `, ${sentinels} in a row` : '';
        const detail = `to ${to.role} through ${through.name}${inARow}`;
        const prepared = await succeeds(Promise.all(senders.map((sender) => sender.ping())));
        if (!prepared) raise('sentinel', since, `${detail}: a ping before it went unanswered`, false);
        sentinelSent = true;
        const isPushed = async (): Promise<boolean> => {
          const before = through.requests.length;
          await send(sentinelRole, sentinelMessage(to.bareJid, recorder.transcript.entries.length));
          return reachedWithin(recorder, patience, signal, async () => {
            for (const request of through.requests.slice(before))
              if (await isSentinelRequest(request)) return true;
            return false;
          });
        };
        let held = true;
        for (let sent = 0; held && sent < sentinels; sent += 1) held = await isPushed();
        raise('sentinel', since, detail, held);
      },
      async closed(actor) {
        const since = performance.now();
        const ended = 'ended' in actor ? actor.ended() : actor.end();
        raise('closed', since, `of ${actor.name}`, await succeeds(ended));
      },
    },
  };
}

/** Whether what was recorded is a request to the endpoint of a subscription. */
export function isRequestFor(entry: Entry, subscription: Pick<Subscription, 'name'>): boolean {
  return entry.kind === 'request' && entry.subscription === subscription.name;
}

async function succeeds(promise: Promise<unknown>): Promise<boolean> {
  return promise.then(
    () => true,
    () => false,
  );
}
