import type { Exploration } from '../model/exploration.js';
import type { Entry } from '../transcript/transcript.js';
import { harmless } from './harmless.js';
import { describeEntry } from './pretty.js';
import type { Style } from './style.js';

/** What a person reads: the steps, the sentence they break, what shows it, and how to see it again. */
export function explorationReport(exploration: Exploration, style: Style): string {
  const { kit, target, seed, counterexample } = exploration;
  const lines = [
    style('bold', `XMPP Web Push exploration ${kit}`),
    harmless(`target ${target.name}: ${target.software} ${target.version} · seed ${seed}`),
    '',
    ...exploration.leftOut.map(({ steps, because }) => `LEFT OUT ${steps}: ${because}`),
    ...(counterexample ? counterexampleBlock(counterexample, style) : []),
    summary(exploration),
    verdict(exploration, style),
  ];
  return `${lines.join('\n')}\n`;
}

function counterexampleBlock(
  { finding, steps, repeat, shrinks }: NonNullable<Exploration['counterexample']>,
  style: Style,
): readonly string[] {
  return [
    `${style('red', 'FAIL')} after ${steps.length === 1 ? 'one step' : `${steps.length} steps`} (made shorter with ${shrinks} attempts)`,
    ...steps.map((step, index) => `  ${index + 1}. ${step}`),
    `  ${style('bold', finding.requirement)} (${finding.level}), ${finding.source}`,
    `    “${finding.sentence}”`,
    `  expected  ${harmless(finding.expected)}`,
    `  actual    ${harmless(finding.actual)}`,
    ...finding.entries.filter(tells).map((entry) => `    ${style('dim', describeEntry(entry))}`),
    `  again     ${repeat}`,
    '',
  ];
}

/** Logins, acknowledgements and pings are in the JSON, but they tell nobody anything here. */
function tells(entry: Entry): boolean {
  if (entry.kind === 'fence') return false;
  if (entry.kind !== 'stanza') return true;
  if (/^<(?:message|resume|resumed|failed)[\s>]/.test(entry.xml)) return true;
  return entry.xml.includes('urn:xmpp:webpush:0');
}

function summary({ runs, steps, requests, durationMs }: Exploration): string {
  return `${runs} ${runs === 1 ? 'sequence' : 'sequences'}, ${steps} steps, ${requests} requests in ${(durationMs / 1000).toFixed(1)} s`;
}

function verdict({ counterexample, interrupted, runs }: Exploration, style: Style): string {
  if (counterexample) return style(['bold', 'red'], 'Not conformant: the server breaks a sentence (exit 1)');
  if (interrupted) return style('bold', 'Interrupted (exit 130)');
  if (runs === 0) return style(['bold', 'red'], 'Nothing was verified (exit 4)');
  return style(['bold', 'green'], 'No disagreement with the model (exit 0)');
}
