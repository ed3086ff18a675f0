import { type Dirent, readdirSync, readFileSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { catalogue } from '../../suites/requirements/catalogue.js';
import { type Style, styleFor } from '../report/style.js';
import { exitCodes } from '../run/result.js';
import { checkSpec, INTERNAL, type SpecReport } from '../spec/check.js';
import type { FindingLevel, SpecFinding } from '../spec/finding.js';
import { MAX_OCTETS } from '../spec/read.js';
import { UsageError } from '../usage/usage-error.js';

export interface SpecCheckOptions {
  readonly format: 'pretty' | 'json';
  /** The least grave level that is shown. */
  readonly level: FindingLevel;
  readonly play: boolean;
}

const LEVELS: readonly FindingLevel[] = ['error', 'warning', 'hint'];

/**
 * Checks XEP sources. In a folder only XEPs are looked at; a file that is named is one.
 *
 * @throws {UsageError} when a path leads nowhere.
 */
export async function specCheckCommand(paths: readonly string[], options: SpecCheckOptions): Promise<number> {
  const files = paths.flatMap(filesOf);
  const reports: SpecReport[] = [];
  const progress = process.stderr.isTTY === true && files.length > 10;
  for (const [index, { file, octets, named }] of files.entries()) {
    if (progress) process.stderr.write(`\r\u001b[K${index + 1}/${files.length} ${safe(file)}`);
    const content = octets();
    if (!named && !looksLikeXep(content)) continue;
    const report = await checkSpec(file, content, {
      catalogue,
      ...(options.play ? { play: (document) => playWhenNeeded(document) } : {}),
    });
    reports.push(report);
    if (options.format === 'pretty') printFindings(report, options.level, progress);
  }
  if (progress) process.stderr.write('\r\u001b[K');
  if (reports.length === 0)
    throw new UsageError(`there is no XEP in ${paths.join(', ')}; name a file, or a folder of them`);
  if (options.format === 'json') console.log(JSON.stringify(toJson(reports, options.level), null, 2));
  else printSummary(reports, options.level);
  return exitCodeOf(reports);
}

/** Examples are played only where a document is about Web Push: a server is started for it. */
async function playWhenNeeded(document: Parameters<NonNullable<Parameters<typeof checkSpec>[2]['play']>>[0]) {
  const { isPlayable, playExamples } = await import('../spec/play/play.js');
  if (!isPlayable(document)) return { played: 0, findings: [] };
  const { findTarget } = await import('../target/find.js');
  return playExamples(document, await findTarget('embedded'));
}

interface SpecFile {
  readonly file: string;
  readonly octets: () => Uint8Array;
  readonly named: boolean;
}

function filesOf(path: string): readonly SpecFile[] {
  let stats: Stats;
  try {
    stats = statSync(path);
  } catch {
    throw new UsageError(`cannot read ${path}: there is no such file or folder`);
  }
  if (!stats.isDirectory()) return [{ file: path, octets: () => read(path, stats.size), named: true }];
  const isXml = (entry: Dirent) => entry.isFile() && entry.name.toLowerCase().endsWith('.xml');
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter(isXml)
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file) => ({ file, octets: () => read(file, statSync(file).size), named: false }));
}

/** No more of a file than is needed to refuse it. */
function read(path: string, size: number): Uint8Array {
  try {
    return size > MAX_OCTETS ? new Uint8Array(size) : readFileSync(path);
  } catch (cause) {
    throw new UsageError(`cannot read ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

function looksLikeXep(octets: Uint8Array): boolean {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).includes('<xep');
}

function shown(findings: readonly SpecFinding[], level: FindingLevel): readonly SpecFinding[] {
  return findings.filter((finding) => LEVELS.indexOf(finding.level) <= LEVELS.indexOf(level));
}

function printFindings({ findings }: SpecReport, level: FindingLevel, progress: boolean): void {
  const style = styleFor(process.stdout);
  const lines = shown(findings, level).map((finding) => lineOf(finding, style));
  if (lines.length === 0) return;
  if (progress) process.stderr.write('\r\u001b[K');
  console.log(lines.join('\n'));
}

const COLOURS = { error: 'red', warning: 'yellow', hint: 'blue' } as const;

function lineOf({ file, line, column, level, rule, message }: SpecFinding, style: Style): string {
  return `${safe(file)}:${line}:${column} ${style(COLOURS[level], level)} ${style('dim', rule)} ${safe(message)}`;
}

/** What comes from a file must not move the cursor of whoever reads. */
function safe(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}]/gu, (character) =>
    /\s/.test(character) ? ' ' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function printSummary(reports: readonly SpecReport[], level: FindingLevel): void {
  const [only] = reports;
  const counts = countsOf(reports);
  const total = (pick: (report: SpecReport) => number) =>
    reports.reduce((sum, report) => sum + pick(report), 0);
  const subject = reports.length === 1 && only ? safe(only.file) : `${reports.length} files`;
  const played = total((report) => report.played);
  const parts = [
    count(
      total((report) => report.examples),
      'example',
    ),
    ...(played > 0 ? [`${played} played`] : []),
    count(
      total((report) => report.sentences),
      'sentence with an id',
      'sentences with an id',
    ),
  ];
  const hidden = level === 'hint' || counts.hint === 0 ? '' : ' (--level hint shows them)';
  const verdict = LEVELS.map((name) => count(counts[name], name)).join(', ');
  console.log(`${subject}: ${parts.join(', ')}: ${verdict}${hidden}`);
}

function countsOf(reports: readonly SpecReport[]): Readonly<Record<FindingLevel, number>> {
  const findings = reports.flatMap((report) => report.findings);
  const of = (level: FindingLevel) => findings.filter((finding) => finding.level === level).length;
  return { error: of('error'), warning: of('warning'), hint: of('hint') };
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** As in `schemas/spec-findings.schema.json`. */
function toJson(reports: readonly SpecReport[], level: FindingLevel) {
  return {
    files: reports.map(({ file, examples, sentences, played }) => ({ file, examples, sentences, played })),
    counts: countsOf(reports),
    findings: reports.flatMap(({ findings }) => shown(findings, level)),
  };
}

function exitCodeOf(reports: readonly SpecReport[]): number {
  const findings = reports.flatMap((report) => report.findings);
  if (findings.some(({ rule }) => rule === INTERNAL)) return exitCodes.inconclusive;
  return findings.some(({ level }) => level === 'error') ? exitCodes.brokenSpec : exitCodes.conformant;
}
