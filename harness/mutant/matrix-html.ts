import { killsByCase, type Matrix, offencesOf } from './matrix.js';

const cell = 9;
const labels = 260;

/** The matrix as one page that needs nothing else: a dot for each kill, named when the pointer is on it. */
export function matrixHtml(matrix: Matrix): string {
  const { mutants, cases, kit, seed } = matrix;
  const column = new Map(cases.map((id, index) => [id, index]));
  const killing = [...killsByCase(matrix).values()].filter((kills) => kills.length > 0).length;
  const killed = mutants.filter(({ fate }) => fate === 'killed').length;
  const offences = offencesOf(matrix);
  const size = { width: labels + cases.length * cell, height: labels + mutants.length * cell };
  const rows = mutants.map(({ id, title, fate, kills }, row) => {
    const y = labels + row * cell;
    const dots = kills.map(({ case: subject, sentences }) => {
      const x = labels + (column.get(subject) ?? 0) * cell;
      return `<rect x="${x}" y="${y}" width="${cell - 1}" height="${cell - 1}"><title>${escaped(`${subject} kills ${id}: ${sentences.join(' ')}`)}</title></rect>`;
    });
    return `<g class="${fate}"><text x="${labels - 4}" y="${y + cell - 2}" text-anchor="end">${escaped(id)}<title>${escaped(title)}</title></text><path d="M${labels} ${y + cell - 0.5}H${size.width}"/>${dots.join('')}</g>`;
  });
  const heads = cases.map((id, index) => {
    const x = labels + index * cell + cell - 2;
    return `<text transform="translate(${x} ${labels - 4}) rotate(-90)">${escaped(id)}</text>`;
  });
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Which case notices which fault</title>
<style>
  body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem; color: #222; background: #fff }
  svg text { font: 8px system-ui, sans-serif; fill: #222 }
  svg rect { fill: #1a7f37 }
  svg path { stroke: #eee }
  .survived text, .broken text, .offence { fill: #c00; color: #c00; font-weight: bold }
  .matrix { overflow: auto; max-height: 85vh; border: 1px solid #ccc }
</style>
<h1>Which case notices which fault</h1>
<p>A row is the reference server with one thing wrong, a column a case; a dot says that the case finds a sentence broken which
the fault breaks. Version ${escaped(kit)}, seed ${seed}: ${killed} of ${mutants.length} mutants are noticed, ${killing} of
${cases.length} cases notice one.</p>
<ul>${offences.map(({ type, subject, detail }) => `<li class="offence">${escaped(`${type} ${subject}: ${detail}`)}</li>`).join('')}</ul>
<div class="matrix"><svg width="${size.width}" height="${size.height}" role="img" aria-label="cases and mutants">
${heads.join('\n')}
${rows.join('\n')}
</svg></div>
</html>
`;
}

function escaped(text: string): string {
  const names: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, (character) => names[character] ?? character);
}
