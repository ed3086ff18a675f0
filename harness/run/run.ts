import { connectActor } from '../actor/client.js';
import type { Case, Trait } from '../case/case.js';
import type { Catalogue } from '../case/requirement.js';
import { createAuthority } from '../certificate/certificate.js';
import type { Verdict } from '../judge/verdict.js';
import { startPushService } from '../push-service/push-service.js';
import type { HookName, RunEnvironment, RunningTarget, Target } from '../target/target.js';
import { createRecorder } from '../transcript/transcript.js';
import { type Judged, judge, type Played, play } from './perform.js';
import type { CaseResult, RunResult } from './result.js';

export interface RunOptions {
  readonly cases: readonly Case[];
  /** How many cases a filter left out. */
  readonly deselected: number;
  readonly catalogue: Catalogue;
  readonly target: Target;
  readonly kit: string;
  /** Unsigned 32-bit: everything random in the suite comes from it. */
  readonly seed: number;
  /** Cases played side by side. */
  readonly jobs: number;
  /** Multiplies every time limit. */
  readonly timeoutScale: number;
  readonly signal: AbortSignal;
  /** Called when a case has its verdict, in the order of ending. */
  readonly onCase?: (result: CaseResult, done: number, total: number) => void;
  /** Called with each case's transcript when the run has ended. */
  readonly onTranscript?: (played: Played, judged: Judged) => void;
}

/**
 * Starts the push service and the target, plays every case, judges each transcript, and stops everything again,
 * whatever happens. Throws `TargetFault` when the target does not start or takes no client.
 */
export async function run(options: RunOptions): Promise<RunResult> {
  const { target, catalogue, seed, signal } = options;
  const startedAt = new Date();
  const since = performance.now();
  const authority = await createAuthority();
  const listener = target.pushListener;
  const pushService = await startPushService({
    authority,
    ...(listener ? { host: listener.address, port: listener.port, names: listener.names } : {}),
    ...(listener?.certificate ? { certificate: listener.certificate } : {}),
  });
  const environment: RunEnvironment = {
    pushPort: pushService.port,
    ca: authority.pem,
    certify: authority.certify,
    timeoutScale: options.timeoutScale,
  };
  const performed = new Map<Case, { readonly played?: Played; readonly judged: Judged }>();
  let main: RunningTarget | undefined;
  try {
    main = await target.start(environment, {});
    const description = main.description;
    await greet(main, seed);
    const shared: Case[] = [];
    const alone: Case[] = [];
    for (const subject of options.cases) {
      const excuse = excuseFor(subject, main, target);
      if (excuse) performed.set(subject, { judged: { ...excuse, findings: [], entries: 0 } });
      else (wantsServerOfItsOwn(subject) ? alone : shared).push(subject);
    }
    const perform = async (subject: Case, server: RunningTarget) => {
      const played = await play(subject, server, pushService, seed, signal);
      if (signal.aborted) return;
      const judged = await judge(played, catalogue);
      performed.set(subject, { played, judged });
      options.onCase?.(caseResult(subject, played, judged, options), performed.size, options.cases.length);
    };
    const onOwnServer = async (subject: Case) => {
      const server = await target.start(environment, subject.needs?.config ?? {});
      try {
        await perform(subject, server);
      } finally {
        await server.stop();
      }
    };
    const server = main;
    if (target.instances === 'many') {
      const tasks = [
        ...alone.map((subject) => () => onOwnServer(subject)),
        ...shared.map((subject) => () => perform(subject, server)),
      ];
      await inParallel(tasks, options.jobs, signal);
    } else {
      await inParallel(
        shared.map((subject) => () => perform(subject, server)),
        options.jobs,
        signal,
      );
      await main.stop();
      main = undefined;
      await inParallel(
        alone.map((subject) => () => onOwnServer(subject)),
        1,
        signal,
      );
    }
    const results: CaseResult[] = [];
    for (const subject of options.cases) {
      const performance = performed.get(subject);
      if (!performance) continue;
      const { played } = performance;
      // What came after the verdict may change it: a forbidden push that was only late is still a forbidden push.
      const isStale = played && played.recorder.transcript.entries.length > performance.judged.entries;
      const judged = isStale ? await judge(played, catalogue) : performance.judged;
      results.push(caseResult(subject, played, judged, options));
      if (played) options.onTranscript?.(played, judged);
    }
    return {
      format: 'webpush-conformance/run/1',
      kit: options.kit,
      target: description,
      seed,
      startedAt: startedAt.toISOString(),
      durationMs: Math.round(performance.now() - since),
      interrupted: signal.aborted,
      counts: countVerdicts(results, options.deselected),
      ...medianAbsence(results),
      cases: results.sort((a, b) => (a.id < b.id ? -1 : 1)),
    };
  } finally {
    await Promise.allSettled([main?.stop(), pushService.close()]);
  }
}

/**
 * One client logs in and is answered: proof that there is an XMPP server to judge, before anything is held against it.
 */
async function greet(target: RunningTarget, seed: number): Promise<void> {
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

const disruptive: readonly HookName[] = ['restart', 'crash', 'advanceClock'];

function wantsServerOfItsOwn({ needs }: Case): boolean {
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
  { needs }: Case,
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
  played: Played | undefined,
  judged: Judged,
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
    findings: judged.findings.map((finding) => {
      const requirement = catalogue.get(finding.requirement);
      return {
        ...finding,
        level: requirement?.level ?? 'MUST',
        sentence: requirement?.sentence ?? '',
        source: requirement ? `${requirement.document} §${requirement.section}` : '',
        entries: finding.met ? [] : finding.evidence.flatMap((seq) => entries[seq] ?? []),
      };
    }),
    fences: entries.flatMap((entry) =>
      entry.kind === 'fence'
        ? [{ fence: entry.fence, state: entry.state, detail: entry.detail, tookMs: Math.round(entry.took) }]
        : [],
    ),
    repeat: `npx webpush-conformance run --target ${target.name} --filter ${subject.id} --seed ${seed}`,
  };
}

const verdicts: readonly Verdict[] = [
  'pass',
  'fail',
  'warn',
  'info',
  'not-applicable',
  'untestable',
  'inconclusive',
  'error',
  'deselected',
];

function countVerdicts(results: readonly CaseResult[], deselected: number): Record<Verdict, number> {
  const count = (verdict: Verdict) => results.filter((result) => result.verdict === verdict).length;
  const counts = Object.fromEntries(verdicts.map((verdict) => [verdict, count(verdict)]));
  return { ...(counts as Record<Verdict, number>), deselected };
}

function medianAbsence(results: readonly CaseResult[]): { readonly medianAbsenceMs?: number } {
  const times = results
    .flatMap((result) => result.fences)
    .filter((fence) => fence.state === 'held')
    .map((fence) => fence.tookMs)
    .sort((a, b) => a - b);
  const median = times[Math.floor(times.length / 2)];
  return median === undefined ? {} : { medianAbsenceMs: median };
}
