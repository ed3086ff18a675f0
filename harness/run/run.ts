import { setMaxListeners } from 'node:events';
import { connectActor } from '../actor/client.js';
import type { Case, Needs, Trait } from '../case/case.js';
import type { Catalogue } from '../case/requirement.js';
import { createAuthority } from '../certificate/certificate.js';
import type { Finding } from '../judge/finding.js';
import type { Verdict } from '../judge/verdict.js';
import type { HookName, RunningTarget, Target, TargetDescription } from '../target/target.js';
import { createRecorder, type Entry, type Transcript } from '../transcript/transcript.js';
import { type Group, groupByPlay } from './group.js';
import { type Judged, judge, type Played, play } from './perform.js';
import type { CaseFinding, CaseResult } from './result.js';
import { createSenders, type Senders } from './senders.js';
import { openSurroundings } from './surroundings.js';

export interface RunOptions {
  readonly cases: readonly Case[];
  readonly catalogue: Catalogue;
  readonly target: Target;
  /** Unsigned 32-bit: everything random in the suite comes from it. */
  readonly seed: number;
  /** Cases played side by side. */
  readonly jobs: number;
  /** Multiplies every time limit. */
  readonly timeoutScale: number;
  readonly signal: AbortSignal;
  /** Called when a case has its verdict, in the order of ending. */
  readonly onCase?: (result: CaseResult) => void;
  /** Called with each case's transcript when the run has ended. */
  readonly onTranscript?: (transcript: Transcript) => void;
}

/** What a run, or a part of one, has found. */
export interface Outcome {
  readonly target: TargetDescription;
  readonly cases: readonly CaseResult[];
}

/** One case with its verdict, and how it was played, if it was. */
interface Performed {
  readonly judged: Judged;
  readonly played?: Played;
}

/**
 * Starts the push service and the target, plays every case, judges each transcript, and stops everything again,
 * whatever happens. Throws `TargetFault` when the target does not start or takes no client.
 */
export async function run(options: RunOptions): Promise<Outcome> {
  const { target, catalogue, seed, signal } = options;
  // One for each case under way and each wait in it.
  setMaxListeners(0, signal);
  const authority = await createAuthority();
  const { pushService, environment } = await openSurroundings(target, authority, options.timeoutScale);
  const performed = new Map<Case, Performed>();
  let main: RunningTarget | undefined;

  const perform = async (group: Group, server: RunningTarget, senders: Senders) => {
    const played = await play(group, server, pushService, senders, seed, signal);
    if (signal.aborted) return;
    const judged = await judge(group, played, catalogue);
    for (const [index, subject] of group.entries()) {
      const verdict = judged[index];
      if (!verdict) continue;
      performed.set(subject, { played, judged: verdict });
      options.onCase?.(caseResult(subject, { played, judged: verdict }, options));
    }
  };
  const onServerOfItsOwn = async (group: Group) => {
    const [{ needs }] = group;
    const server = await target.start(environment, needs?.config ?? {}, needs?.hooks);
    const senders = createSenders(server, seed);
    try {
      await perform(group, server, senders);
    } finally {
      await senders.close();
      await server.stop();
    }
  };

  try {
    const server = await target.start(environment, {});
    main = server;
    await greet(server, seed);
    const senders = createSenders(server, seed);
    const shared: (() => Promise<void>)[] = [];
    const alone: (() => Promise<void>)[] = [];
    for (const group of groupByPlay(options.cases)) {
      const [{ needs }] = group;
      const excuse = excuseFor(needs, server, target);
      if (excuse)
        for (const subject of group)
          performed.set(subject, { judged: { ...excuse, findings: [], entries: 0 } });
      else if (wantsServerOfItsOwn(needs)) alone.push(() => onServerOfItsOwn(group));
      else shared.push(() => perform(group, server, senders));
    }
    if (target.instances === 'many') {
      await inParallel([...alone, ...shared], options.jobs, signal);
      await senders.close();
    } else {
      await inParallel(shared, options.jobs, signal);
      await senders.close();
      main = undefined;
      await server.stop();
      await inParallel(alone, 1, signal);
    }
    for (const [subject, { played, judged }] of performed) {
      // What came after the verdict may change it: a forbidden push that was only late is still a forbidden push.
      if (played && played.recorder.transcript.entries.length > judged.entries) {
        const [again] = await judge([subject], played, catalogue);
        performed.set(subject, { played, judged: again && !heals(judged, again) ? again : judged });
      }
      if (played) options.onTranscript?.({ ...played.recorder.transcript, case: subject.id });
    }
    const cases = [...performed].map(([subject, performance]) => caseResult(subject, performance, options));
    return { target: server.description, cases };
  } finally {
    await Promise.allSettled([main?.stop(), pushService.close()]);
  }
}

/** From the least to the most a server can have done wrong. */
const gravity: readonly Verdict[] = ['pass', 'info', 'warn', 'fail'];

/** What comes when a case has ended was not there in its time: it may break a sentence, never keep one after the fact. */
function heals(before: Judged, after: Judged): boolean {
  return gravity.indexOf(before.verdict) > gravity.indexOf(after.verdict) && gravity.includes(after.verdict);
}

/**
 * One client logs in and is answered: proof that there is an XMPP server to judge, before anything is held against it.
 */
export async function greet(target: RunningTarget, seed: number): Promise<void> {
  const recorder = createRecorder('greeting', () => target.now());
  const credentials = await target.provision(`greeter-${seed.toString(16)}`, target.domains[0]);
  const actor = await connectActor(
    { address: target.address, credentials, name: 'greeter/desk', recorder, patience: target.patience },
    { resource: 'desk' },
  );
  try {
    await actor.ping();
  } finally {
    await actor.close();
  }
}

const disruptive: readonly HookName[] = ['restart', 'crash', 'advanceClock', 'changeKey'];

function wantsServerOfItsOwn(needs: Needs | undefined): boolean {
  return needs?.config !== undefined || (needs?.hooks ?? []).some((hook) => disruptive.includes(hook));
}

function hasTrait(target: RunningTarget, trait: Trait): boolean {
  switch (trait) {
    case 'second-domain':
      return target.domains.length > 1;
    case 'rooms':
      return target.roomsDomain !== undefined;
    case 'websocket':
      return target.address.websocket !== undefined;
  }
}

function excuseFor(
  needs: Needs | undefined,
  running: RunningTarget,
  target: Target,
): { readonly verdict: 'not-applicable' | 'untestable'; readonly reason: string } | undefined {
  const trait = needs?.traits?.find((wanted) => !hasTrait(running, wanted));
  if (trait) return { verdict: 'not-applicable', reason: `the target has no ${trait}` };
  const hook = needs?.hooks?.find((wanted) => !running.hooks[wanted]);
  if (hook) return { verdict: 'untestable', reason: `the target has no hook ${hook}` };
  if (needs?.config && !target.configurable) {
    const settings = Object.keys(needs.config).join(', ');
    return { verdict: 'untestable', reason: `the target cannot be configured (${settings})` };
  }
  return undefined;
}

async function inParallel(
  tasks: readonly (() => Promise<void>)[],
  jobs: number,
  signal: AbortSignal,
): Promise<void> {
  let next = 0;
  const work = async () => {
    for (let task = tasks[next++]; task && !signal.aborted; task = tasks[next++]) await task();
  };
  await Promise.all(Array.from({ length: jobs }, work));
}

function caseResult(
  subject: Case,
  { played, judged }: Performed,
  { catalogue, target, seed }: RunOptions,
): CaseResult {
  const entries = played?.recorder.transcript.entries ?? [];
  return {
    id: subject.id,
    title: subject.title,
    verdict: judged.verdict,
    ...(judged.reason === undefined ? {} : { reason: judged.reason }),
    durationMs: Math.round(played?.durationMs ?? 0),
    requirements: subject.requirements,
    findings: sentencesOf(judged.findings, entries, catalogue),
    fences: entries.flatMap((entry) =>
      entry.kind === 'fence'
        ? [{ fence: entry.fence, state: entry.state, detail: entry.detail, tookMs: Math.round(entry.took) }]
        : [],
    ),
    repeat: `npx webpush-conformance run --target ${target.name} --filter ${subject.id} --seed ${seed}`,
  };
}

/** Every sentence once when it was kept, and every break of one that was not. */
function sentencesOf(
  findings: readonly Finding[],
  entries: readonly Entry[],
  catalogue: Catalogue,
): readonly CaseFinding[] {
  const broken = findings.filter(({ met }) => !met);
  const kept = new Map(
    findings
      .filter(({ requirement }) => !broken.some((other) => other.requirement === requirement))
      .map((finding) => [finding.requirement, finding]),
  );
  return [...broken, ...kept.values()].map(({ requirement: id, met, expected, actual, evidence }) => {
    const requirement = catalogue.get(id);
    const judged = {
      requirement: id,
      level: requirement?.level ?? 'MUST',
      sentence: requirement?.sentence ?? '',
      source: requirement ? `${requirement.document} §${requirement.section}` : '',
    };
    if (met) return { ...judged, met };
    return { ...judged, met, expected, actual, entries: evidence.flatMap((seq) => entries[seq] ?? []) };
  });
}
