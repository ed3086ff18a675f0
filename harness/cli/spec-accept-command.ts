import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { webpush } from '../../suites/requirements/webpush.js';
import type { Requirement } from '../case/requirement.js';
import { packageRoot } from '../kit/kit.js';
import { styleFor } from '../report/style.js';
import { exitCodes } from '../run/result.js';
import { driftOf } from '../spec/catalogue/drift.js';
import { writeCatalogue } from '../spec/catalogue/write.js';
import { suggest, UsageError } from '../usage/usage-error.js';
import { driftLines } from './spec-coverage-command.js';
import { readSentences } from './spec-text.js';

/**
 * Records the sentences of the text as those the cases rest on.
 *
 * @param ids only these; all when there are none.
 * @throws {UsageError} when one of them has not changed, or the kit is installed without its sources.
 */
export function specAcceptCommand(ids: readonly string[], { spec }: { readonly spec: string }): number {
  const module = join(packageRoot, 'suites', 'requirements', 'webpush.ts');
  if (!existsSync(module))
    throw new UsageError('sentences are accepted in a checkout of the kit, where its sources are');
  const text = readSentences(spec);
  const drift = driftOf(text, webpush);
  const changed = drift.map(({ id }) => id);
  for (const id of ids)
    if (!changed.includes(id))
      throw new UsageError(`the sentence "${id}" has not changed${suggest(id, changed)}`);
  const accepted = new Set(ids.length > 0 ? ids : changed);
  const before = new Map<string, Requirement>(webpush.map((requirement) => [requirement.id, requirement]));
  const present = new Set(text.map(({ id }) => id));
  const sentences = [
    ...text.flatMap((now) => {
      const known = before.get(now.id);
      if (!known) return accepted.has(now.id) ? [now] : [];
      return [accepted.has(now.id) ? now : known];
    }),
    ...webpush.filter(({ id }) => !present.has(id) && !accepted.has(id)),
  ];
  writeFileSync(`${module}.new`, writeCatalogue(sentences));
  renameSync(`${module}.new`, module);
  const style = styleFor(process.stdout);
  const lines = drift.filter(({ id }) => accepted.has(id)).flatMap((change) => driftLines(change, style));
  const count = `${accepted.size} ${accepted.size === 1 ? 'change' : 'changes'}`;
  process.stdout.write(`${[...lines, `accepted ${count}; compile to use them: npm run build`].join('\n')}\n`);
  return exitCodes.conformant;
}
