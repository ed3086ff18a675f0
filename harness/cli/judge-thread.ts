import { setMaxListeners } from 'node:events';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { borrowAuthority } from '../certificate/lend.js';
import { createProbe, probeName } from '../mutant/judges.js';
import type { ThreadOrder } from '../run/thread.js';
import type { Transcript } from '../transcript/transcript.js';

/** A mutant's part of the question which judges it needs. */
export interface JudgePart {
  readonly cases: readonly string[];
  /** To be borrowed. */
  readonly authority: MessagePort;
  /** Sentences: the mutant is killed by findings on these. */
  readonly breaks: readonly string[];
  /** Findings on the reference itself, which kill nothing. */
  readonly usual: readonly string[];
  readonly seed: number;
  readonly timeoutScale: number;
}

/** What a thread tells. */
export interface JudgesAsked {
  readonly type: 'done';
  /** Cases that kill the mutant. */
  readonly kills: readonly string[];
  /** Judges that had a part in a kill. */
  readonly asked: readonly string[];
  /** Those of them without which nobody would notice the mutant. */
  readonly needed: readonly string[];
}

/**
 * The thread that tries one mutant in a copy of the kit whose judges are instrumented: the cases are played once, and
 * judged again with one judge out after the other.
 */
const part = workerData as JudgePart;
process.removeAllListeners('warning');
const probe = createProbe();
(globalThis as Record<string, unknown>)[probeName] = probe;
const { cases } = await import('../../suites/cases.js');
const { catalogue } = await import('../../suites/requirements/catalogue.js');
const { permutationsOf } = await import('../case/permutation.js');
const { createEvidence } = await import('../judge/examine.js');
const { groupByPlay } = await import('../run/group.js');
const { run } = await import('../run/run.js');
const { sentinelTest } = await import('../fence/sentinel.js');
const { createTurn, takeTurns } = await import('../run/split.js');
const { findTarget } = await import('../target/find.js');

const controller = new AbortController();
setMaxListeners(0, controller.signal);
parentPort?.on('message', (order: ThreadOrder) => {
  if (order === 'abort') controller.abort();
});
const subjects = cases
  .filter(({ id }) => part.cases.includes(id))
  .flatMap((subject) => permutationsOf(subject, 'usual'));
const transcripts: Transcript[] = [];
try {
  await run({
    next: takeTurns(groupByPlay(subjects), createTurn()),
    catalogue,
    target: await findTarget('embedded'),
    authority: await borrowAuthority(part.authority),
    seed: part.seed,
    jobs: 8,
    timeoutScale: part.timeoutScale,
    signal: controller.signal,
    onTranscript: (transcript) => void transcripts.push(transcript),
  });
  const usual = new Set(part.usual);
  const judged: { readonly id: string; readonly asked: readonly string[]; kills(): boolean }[] = [];
  for (const transcript of transcripts) {
    const subject = subjects.find(({ path }) => path === transcript.case);
    if (!subject) continue;
    const evidence = await createEvidence(transcript, {
      isSentinel: sentinelTest(part.seed, transcript),
    });
    const kills = () => {
      try {
        return subject
          .judge(evidence, subject.choice)
          .some(
            ({ met, requirement }) =>
              !met && part.breaks.includes(requirement) && !usual.has(`${subject.id} ${requirement}`),
          );
      } catch {
        return false;
      }
    };
    probe.asked.clear();
    if (kills()) judged.push({ id: subject.id, kills, asked: [...probe.asked] });
  }
  const asked = [...new Set(judged.flatMap((one) => one.asked))];
  const needed = asked.filter((name) => {
    probe.out = name;
    const noticed = judged.some(({ kills }) => kills());
    probe.out = undefined;
    return !noticed;
  });
  parentPort?.postMessage({
    type: 'done',
    kills: judged.map(({ id }) => id),
    asked,
    needed,
  } satisfies JudgesAsked);
} finally {
  parentPort?.close();
}
