/**
 * The names of the outermost members of a JSON object, repeated ones too: `JSON.parse` keeps only the last of them.
 *
 * @param json well-formed JSON; for anything else the result means nothing.
 */
export function memberNames(json: string): readonly string[] {
  const names: string[] = [];
  let depth = 0;
  for (const [piece, string, colon] of json.matchAll(/("(?:[^"\\]|\\.)*")\s*(:?)|[{}[\]]/g)) {
    if (piece === '{' || piece === '[') depth += 1;
    else if (piece === '}' || piece === ']') depth -= 1;
    else if (depth === 1 && colon === ':' && string !== undefined) names.push(String(JSON.parse(string)));
  }
  return names;
}
