import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { catalogue } from '../../suites/requirements/catalogue.js';
import { type Style, styleFor } from '../report/style.js';
import { exitCodes } from '../run/result.js';
import { checkSpec, INTERNAL, type Performance, type SpecReport } from '../spec/check.js';
import type { SpecDocument } from '../spec/document.js';
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
  for (const [index, file] of files.entries()) {
    if (progress) process.stderr.write(`\r\u001b[K${index + 1}/${files.length} ${safe(file.path)}`);
    const report = await reportOn(file, options);
    if (!report) continue;
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

interface SpecFile {
  readonly path: string;
  /** By the user, so that it is a XEP or a mistake. */
  readonly named: boolean;
}

/** What is to say of a file; nothing of a file in a folder that is no XEP. */
async function reportOn(
  { path, named }: SpecFile,
  { play }: SpecCheckOptions,
): Promise<SpecReport | undefined> {
  let octets: Uint8Array;
  try {
    octets = read(path);
  } catch (cause) {
    const message = `cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`;
    if (named) throw new UsageError(`${path} ${message}`, { cause });
    const finding = {
      file: path,
      line: 1,
      column: 1,
      level: 'error',
      rule: 'document/unreadable',
      message,
    } as const;
    return { file: path, examples: 0, sentences: 0, played: 0, findings: [finding] };
  }
  if (!named && !looksLikeXep(octets)) return undefined;
  return checkSpec(path, octets, { catalogue, ...(play ? { play: playWhenNeeded } : {}) });
}

/** Examples are played only where a document is about Web Push: a server is started for it. */
async function playWhenNeeded(document: SpecDocument): Promise<Performance> {
  const { isPlayable, playExamples } = await import('../spec/play/play.js');
  if (!isPlayable(document)) return { played: 0, findings: [] };
  const { findTarget } = await import('../target/find.js');
  return playExamples(document, await findTarget('embedded'));
}

function filesOf(path: string): readonly SpecFile[] {
  let isFolder: boolean;
  try {
    isFolder = statSync(path).isDirectory();
  } catch {
    throw new UsageError(`cannot read ${path}: there is no such file or folder`);
  }
  if (!isFolder) return [{ path, named: true }];
  const isXml = (entry: Dirent) => entry.isFile() && entry.name.toLowerCase().endsWith('.xml');
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter(isXml)
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file) => ({ path: file, named: false }));
}

/** Of a file that is too large, so much that it is refused. */
function read(path: string): Uint8Array {
  const stats = statSync(path);
  if (!stats.isFile()) throw new Error('it is no file');
  return stats.size > MAX_OCTETS ? new Uint8Array(MAX_OCTETS + 1) : readFileSync(path);
}

function looksLikeXep(octets: Uint8Array): boolean {
  const content = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
  return octets.length > MAX_OCTETS || content.includes('<xep') || content.includes('<xep', 0, 'utf16le');
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
