/** An element as it is compared: nothing but its name, its attributes and what is in it, in order. */
export interface Tree {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly content: readonly (Tree | string)[];
}

/**
 * Where two trees differ, in as few places as can be: one line for each attribute, text or element that is other, more or
 * less. An element of another name in the place of one counts once, whatever is in it; so does one that stands elsewhere.
 */
export function differences(one: Tree, other: Tree): readonly string[] {
  const changes = compareElements(one, other, one.name);
  const isRename = ({ path }: Change) => /^[^/]*\/[^/]*@name$/.test(path);
  // Somebody else in the place of one: the name occurs in all that they do.
  const first = (change: Change) =>
    changes.findIndex((each) => isRename(each) && each.was === change.was && each.is === change.is);
  return changes.filter((change, index) => !isRename(change) || first(change) === index).map(describe);
}

interface Change {
  readonly path: string;
  readonly was?: Tree | string;
  readonly is?: Tree | string;
}

function compareElements(one: Tree, other: Tree, path: string): readonly Change[] {
  const names = [...new Set([...Object.keys(one.attributes), ...Object.keys(other.attributes)])];
  const attributes = names.flatMap((name): readonly Change[] => {
    const [was, is] = [one.attributes[name], other.attributes[name]];
    return was === is ? [] : [changeOf(`${path}@${name}`, was, is)];
  });
  return [...attributes, ...withMovesOnce(compareContents(one.content, other.content, path))];
}

/** The cheapest way from one content to the other, by the usual table: what it costs from each pair of places to the ends. */
function compareContents(one: Tree['content'], other: Tree['content'], path: string): readonly Change[] {
  const table: (readonly Change[])[][] = Array.from({ length: one.length + 1 }, () => []);
  for (let row = one.length; row >= 0; row -= 1) {
    for (let column = other.length; column >= 0; column -= 1) {
      const [was, is] = [one[row], other[column]];
      const ways: (readonly Change[])[] = [];
      const after = (rows: number, columns: number) => table[row + rows]?.[column + columns] ?? [];
      // One that is gone and one that has come before one for another: only the former can turn out to have moved.
      if (was !== undefined) ways.push([changeOf(pathTo(path, was), was, undefined), ...after(1, 0)]);
      if (is !== undefined) ways.push([changeOf(pathTo(path, is), undefined, is), ...after(0, 1)]);
      if (was !== undefined && is !== undefined) ways.push([...compareNodes(was, is, path), ...after(1, 1)]);
      const [first = [], ...others] = ways;
      (table[row] ?? [])[column] = others.reduce(
        (best, way) => (way.length < best.length ? way : best),
        first,
      );
    }
  }
  return table[0]?.[0] ?? [];
}

function compareNodes(was: Tree | string, is: Tree | string, path: string): readonly Change[] {
  if (typeof was !== 'string' && typeof is !== 'string' && was.name === is.name)
    return compareElements(was, is, pathTo(path, was));
  return was === is ? [] : [changeOf(pathTo(path, was), was, is)];
}

/** What is taken away in one place and is there in another of the same content has moved: one difference. */
function withMovesOnce(changes: readonly Change[]): readonly Change[] {
  const left = [...changes];
  for (const gone of changes) {
    if (gone.was === undefined || gone.is !== undefined) continue;
    const come = left.findIndex(
      ({ was, is }) => was === undefined && JSON.stringify(is) === JSON.stringify(gone.was),
    );
    if (come < 0) continue;
    left.splice(come, 1);
    left.splice(left.indexOf(gone), 1, { path: `${gone.path} (elsewhere)`, was: gone.was });
  }
  return left;
}

function changeOf(path: string, was: Tree | string | undefined, is: Tree | string | undefined): Change {
  return { path, ...(was === undefined ? {} : { was }), ...(is === undefined ? {} : { is }) };
}

function pathTo(path: string, node: Tree | string): string {
  return typeof node === 'string' ? path : `${path}/${node.name}`;
}

function describe({ path, was, is }: Change): string {
  if (path.endsWith('(elsewhere)')) return path;
  return `${path}: ${was === undefined ? 'nothing' : sketch(was)} → ${is === undefined ? 'nothing' : sketch(is)}`;
}

/** Enough of a node to recognise it. */
function sketch(node: Tree | string): string {
  const text = typeof node === 'string' ? JSON.stringify(node) : serialise(node);
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}

function serialise({ name, attributes, content }: Tree): string {
  const start = [name, ...Object.entries(attributes).map(([key, value]) => `${key}="${value}"`)].join(' ');
  const inside = content.map((node) => (typeof node === 'string' ? node : serialise(node))).join('');
  return inside === '' ? `<${start}/>` : `<${start}>${inside}</${name}>`;
}
