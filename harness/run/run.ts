import { setMaxListeners } from 'node:events';
import type { Needs } from '../case/case.js';
import type { Permutation } from '../case/permutation.js';
import type { Catalogue } from '../case/requirement.js';
import type { Authority } from '../certificate/certificate.js';
import type { Finding } from '../judge/finding.js';
import type { Verdict } from '../judge/verdict.js';
import type { RunningTarget, Setting, Target, TargetDescription } from '../target/target.js';
import type { Entry, Transcript } from '../transcript/transcript.js';
import { type Calibration, withPatience } from './calibration.js';
import { type Group, wantsServerOfItsOwn } from './group.js';
import { type Introduction, introduce } from './introduction.js';
import { quoteLog } from './log-lines.js';
import { type Judged, judge, type Played, type PlaySurroundings, play } from './perform.js';
import { type CaseFinding, type CaseResult, nameOf, repeatCommand } from './result.js';
import { createSenders, type Senders } from './senders.js';
import type { Look } from './support.js';
import { openSurroundings } from './surroundings.js';
import type { Lacks } from './traits.js';

export interface RunOptions {
  /** Gives the cases to play next, when there is a hand free for them, and nothing when there are none left. */
  readonly next: () => Group | undefined;
  readonly catalogue: Catalogue;
  readonly target: Target;
  /** Signs for the push service, and for the target if it asks for that. */
  readonly authority: Authority;
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
  readonly calibration: Calibration;
  /** Present when the target has no Web Push: what was looked for. No case was played then. */
  readonly unsupported?: readonly Look[];
  readonly cases: readonly CaseResult[];
}

/** One case with its verdict, and how it was played, if it was. */
interface Performed {
  readonly judged: Judged;
  readonly played?: Played;
  /** What the server had logged when it was judged, where not all is well. */
  readonly log?: string;
}

/**
 * Starts the push service and the target, plays every case, judges each transcript, and stops everything again,
 * whatever happens. Throws `TargetFault` when the target does not start or takes no client.
 */
export async function run(options: RunOptions): Promise<Outcome> {
  const { target, authority, catalogue, seed } = options;
  /** What ends the run before its time: whoever asked for it, or a fault that leaves nothing to go on with. */
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  // One for each case under way and each wait in it.
  setMaxListeners(0, signal);
  const { pushService, environment } = await openSurroundings(
    target,
    authority,
    options.timeoutScale,
    signal,
  );
  const performed = new Map<Permutation, Performed>();
  let main: RunningTarget | undefined;
  let mainSenders: Senders | undefined;

  const perform = async (group: Group, surroundings: PlaySurroundings) => {
    const since = Date.now();
    const played = await play(group, surroundings);
    if (signal.aborted) return;
    const judged = await judge(group, played, catalogue);
    const isQuoted = judged.some(({ verdict }) => quotable.includes(verdict));
    const log = isQuoted ? await surroundings.target.log?.(since) : undefined;
    for (const [index, subject] of group.entries()) {
      const verdict = judged[index];
      if (!verdict) continue;
      const one: Performed = { played, judged: verdict, ...(log ? { log } : {}) };
      performed.set(subject, one);
      options.onCase?.(caseResult(subject, one, options));
    }
  };
  const onServerOfItsOwn = async (group: Group, { lacks, calibration }: Introduction) => {
    const [{ needs }] = group;
    const started = await target.start(environment, needs?.config ?? {}, needs?.hooks);
    const server = withPatience(started, calibration.patienceMs);
    const senders = createSenders(server, seed);
    const { sentinels } = calibration;
    try {
      await perform(group, { target: server, pushService, senders, seed, signal, lacks, sentinels });
    } finally {
      await senders.close();
      await server.stop();
    }
  };

  try {
    const started = await target.start(environment, {});
    main = started;
    started.lost?.then((fault) => failed.abort(fault));
    const senders = createSenders(started, seed);
    mainSenders = senders;
    const introduction = await introduce(started, pushService, senders, seed, signal);
    const { description, support, lacks, calibration } = introduction;
    if (!support.isSupported)
      return { target: description, calibration, unsupported: support.looks, cases: [] };
    const { sentinels } = calibration;
    const server = withPatience(started, calibration.patienceMs);
    const together = { target: server, pushService, senders, seed, signal, lacks, sentinels };
    const jobs = Math.min(options.jobs, target.jobs ?? options.jobs);
    const playable = ([first, ...others]: Group): boolean => {
      const excuse = excuseFor(first.needs, server, target, lacks);
      if (!excuse) return true;
      for (const subject of [first, ...others])
        performed.set(subject, { judged: { ...excuse, findings: [], entries: 0 } });
      return false;
    };
    const isAlone = ([{ needs }]: Group) => wantsServerOfItsOwn(needs);
    const onMain = (group: Group) => perform(group, together);
    const onOwn = (group: Group) => onServerOfItsOwn(group, introduction);
    if (target.instances === 'many') {
      const next = () => nextOf(options.next, playable);
      await inParallel(next, jobs, signal, failed, (group) =>
        isAlone(group) ? onOwn(group) : onMain(group),
      );
    } else {
      const groups: Group[] = [];
      for (let group = nextOf(options.next, playable); group; group = nextOf(options.next, playable))
        groups.push(group);
      const [alone, shared] = [groups.filter(isAlone), groups.filter((group) => !isAlone(group))];
      await inParallel(() => shared.shift(), jobs, signal, failed, onMain);
      await senders.close();
      main = undefined;
      await server.stop();
      await inParallel(() => alone.shift(), 1, signal, failed, onOwn);
    }
    for (const [subject, { played, judged, ...rest }] of performed) {
      // What came after the verdict may change it: a forbidden push that was only late is still a forbidden push.
      if (played && played.recorder.transcript.entries.length > judged.entries) {
        const [again] = await judge([subject], played, catalogue);
        performed.set(subject, { ...rest, played, judged: again && !heals(judged, again) ? again : judged });
      }
      const { log } = rest;
      if (played)
        options.onTranscript?.({
          ...played.recorder.transcript,
          case: subject.path,
          ...(log ? { log } : {}),
        });
    }
    const cases = [...performed].map(([subject, performance]) => caseResult(subject, performance, options));
    return { target: description, calibration, cases };
  } finally {
    await mainSenders?.close();
    await Promise.allSettled([main?.stop(), pushService.close()]);
  }
}

/** What the server's own log may explain. */
const quotable: readonly Verdict[] = ['fail', 'warn', 'inconclusive', 'error'];
/** From the least to the most a server can have done wrong. */
const gravity: readonly Verdict[] = ['pass', 'info', 'warn', 'fail'];

/** What comes when a case has ended was not there in its time: it may break a sentence, never keep one after the fact. */
function heals(before: Judged, after: Judged): boolean {
  return gravity.indexOf(before.verdict) > gravity.indexOf(after.verdict) && gravity.includes(after.verdict);
}

function excuseFor(
  needs: Needs | undefined,
  running: RunningTarget,
  target: Target,
  lacks: Lacks,
): { readonly verdict: 'not-applicable' | 'untestable'; readonly reason: string } | undefined {
  for (const trait of needs?.traits ?? []) {
    const reason = lacks.get(trait);
    if (reason !== undefined) return { verdict: 'not-applicable', reason };
  }
  const hook = needs?.hooks?.find((wanted) => !running.hooks[wanted]);
  if (hook) return { verdict: 'untestable', reason: `the target has no hook ${hook}` };
  const unheeded = Object.keys(needs?.config ?? {}).filter(
    (setting) => !target.configurable.includes(setting as Setting),
  );
  if (unheeded.length > 0) {
    return { verdict: 'untestable', reason: `the target cannot be configured (${unheeded.join(', ')})` };
  }
  return undefined;
}

/** The next group that can be played. */
function nextOf(next: () => Group | undefined, playable: (group: Group) => boolean): Group | undefined {
  for (let group = next(); group; group = next()) if (playable(group)) return group;
  return undefined;
}

/**
 * So many hands, each of which takes the next group when it has played one, until one throws: then `failed` aborts, the
 * others come to their end, and what it threw is thrown.
 */
async function inParallel(
  next: () => Group | undefined,
  jobs: number,
  signal: AbortSignal,
  failed: AbortController,
  perform: (group: Group) => Promise<void>,
): Promise<void> {
  const work = async () => {
    for (let group = next(); group && !signal.aborted; group = next()) {
      await perform(group).catch((error: unknown) => failed.abort(error));
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  failed.signal.throwIfAborted();
}

function caseResult(
  subject: Permutation,
  { played, judged, log }: Performed,
  { catalogue, target, seed }: RunOptions,
): CaseResult {
  const entries = played?.recorder.transcript.entries ?? [];
  return {
    ...nameOf(subject),
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
    ...(log && quotable.includes(judged.verdict) ? { log: quoteLog(log, accountsIn(entries)) } : {}),
    repeat: repeatCommand([target.name, target.options].filter(Boolean).join(' '), subject.path, seed),
  };
}

/** Localparts of those who connected. */
function accountsIn(entries: readonly Entry[]): readonly string[] {
  return entries.flatMap((entry) =>
    entry.kind === 'stream' ? (/([^\s@]+)@/.exec(entry.detail ?? '')?.[1] ?? []) : [],
  );
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
