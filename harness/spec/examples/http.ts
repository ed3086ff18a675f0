import type { HttpField, HttpMessage, HttpRequestLine, HttpStatusLine } from '../example.js';
import type { SourceText } from '../source-text.js';

const REQUEST = /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|CONNECT)[ \t]+(\S+)(?:[ \t]+HTTP\/\d(?:\.\d)?)?$/;
/** A line that stands for fields that do not matter. */
const LEFT_OUT = /^\s*\[?\s*(?:\.{3}|\u2026)\s*\]?\s*$/;
const STATUS = /^HTTP\/\d(?:\.\d)?[ \t]+(\d{3})(?:[ \t].*)?$/;

/**
 * Reads an example that shows an HTTP message (RFC 9112 §2.1); undefined when it is none. Lines that begin with blanks go
 * on with the field before them, as documents fold what is too long.
 */
export function parseHttp(source: SourceText): HttpMessage | undefined {
  const lines = linesOf(source.text);
  const first = lines.findIndex(({ text }) => text.trim() !== '');
  const start = lines[first];
  if (!start) return undefined;
  const line = readStart(start.text.trim(), source, start.offset + start.text.search(/\S/));
  if (!line) return undefined;

  const fields: HttpField[] = [];
  let index = first + 1;
  for (; index < lines.length; index++) {
    const current = lines[index];
    if (!current || current.text.trim() === '') break;
    if (LEFT_OUT.test(current.text)) continue;
    const previous = fields.at(-1);
    if (/^\s/.test(current.text) && previous) {
      const gap = previous.value === '' ? '' : ' ';
      const valueAt =
        previous.value === '' ? source.at(current.offset + current.text.search(/\S/)) : previous.valueAt;
      fields[fields.length - 1] = {
        ...previous,
        value: `${previous.value}${gap}${current.text.trim()}`,
        valueAt,
      };
      continue;
    }
    const colon = current.text.indexOf(':');
    if (colon < 1) return undefined;
    const value = current.text.slice(colon + 1);
    const lead = value.length - value.trimStart().length;
    fields.push({
      name: current.text.slice(0, colon),
      value: value.trim(),
      at: source.at(current.offset),
      valueAt: source.at(current.offset + colon + 1 + lead),
    });
  }
  const bodyOffset = lines[index + 1]?.offset ?? source.text.length;
  const raw = source.text.slice(bodyOffset);
  const body = raw.trim();
  return {
    start: line,
    fields,
    body,
    bodyAt: body === '' ? undefined : source.at(bodyOffset + raw.length - raw.trimStart().length),
  };
}

function readStart(
  text: string,
  source: SourceText,
  offset: number,
): HttpRequestLine | HttpStatusLine | undefined {
  const at = source.at(offset);
  const [, method, target] = REQUEST.exec(text) ?? [];
  if (method !== undefined && target !== undefined) return { type: 'request', method, target, at };
  const status = STATUS.exec(text)?.[1];
  return status === undefined ? undefined : { type: 'response', status: Number(status), at };
}

function linesOf(text: string): readonly { readonly text: string; readonly offset: number }[] {
  let offset = 0;
  return text.split('\n').map((line) => {
    const found = { text: line, offset };
    offset += line.length + 1;
    return found;
  });
}
