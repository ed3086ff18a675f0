import { exitCodes } from '../run/result.js';
import { selectMutants } from './select-mutants.js';

/** Prints the mutants, one a line or as JSON. */
export function mutantsListCommand(
  patterns: readonly string[],
  { quick = false, json = false }: { readonly quick?: boolean; readonly json?: boolean },
): number {
  const selected = selectMutants(patterns, { quick });
  if (json) {
    const told = selected.map(({ id, title, breaks }) => ({ id, title, breaks }));
    console.log(JSON.stringify(told, undefined, 2));
    return exitCodes.conformant;
  }
  const width = Math.max(...selected.map(({ id }) => id.length));
  for (const { id, title, breaks } of selected)
    console.log(`${id.padEnd(width)}  ${title} (${breaks.join(', ')})`);
  return exitCodes.conformant;
}
