import { TextDecoder } from 'node:util';

/** Octets that are no text in the encoding they claim. */
export interface DecodingFailure {
  readonly message: string;
  /** Text before the first octet that is wrong, as far as it can be read. */
  readonly readable: string;
}

export type Decoded = { readonly text: string } | { readonly failure: DecodingFailure };

const marks = [
  { octets: [0xef, 0xbb, 0xbf], encoding: 'utf-8' },
  { octets: [0xff, 0xfe], encoding: 'utf-16le' },
  { octets: [0xfe, 0xff], encoding: 'utf-16be' },
] as const;

/** Reads the octets of an XML file: by byte order mark, by its declaration, or as UTF-8 (XML 1.0 Appendix F). */
export function decodeXml(octets: Uint8Array): Decoded {
  const mark = marks.find((candidate) => candidate.octets.every((octet, index) => octets[index] === octet));
  const declared = declaredEncoding(octets);
  const encoding = mark?.encoding ?? declared ?? 'utf-8';
  let decoder: TextDecoder;
  try {
    decoder = new TextDecoder(encoding, { fatal: true });
  } catch {
    return failure(`the encoding "${printable(encoding)}" is not known; write the file in UTF-8`, '');
  }
  if (mark === undefined && decoder.encoding.startsWith('utf-16'))
    return failure(`the file says it is ${encoding}, but its declaration can be read as ASCII`, '');
  if (mark && declared && !agree(declared, mark.encoding))
    return failure(
      `the file says it is ${printable(declared)}, but its byte order mark is that of ${mark.encoding}`,
      '',
    );
  try {
    return { text: decoder.decode(octets) };
  } catch {
    const readable = readablePart(octets, decoder.encoding);
    return failure(`octets that are no ${decoder.encoding.toUpperCase()}`, readable);
  }
}

function declaredEncoding(octets: Uint8Array): string | undefined {
  const start = new TextDecoder('latin1').decode(octets.subarray(0, 200)).replace(/^\u00ef\u00bb\u00bf/, '');
  return /^<\?xml\s[^?]*?\bencoding\s*=\s*(["'])(.*?)\1/.exec(start)?.[2];
}

function agree(declared: string, marked: string): boolean {
  const name = declared.toLowerCase();
  return name === marked || (name === 'utf-16' && marked.startsWith('utf-16'));
}

/** What stands before the first wrong octet. */
function readablePart(octets: Uint8Array, encoding: string): string {
  let low = 0;
  let high = octets.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (isReadable(octets.subarray(0, middle), encoding)) low = middle;
    else high = middle - 1;
  }
  return new TextDecoder(encoding).decode(octets.subarray(0, low), { stream: true });
}

function isReadable(octets: Uint8Array, encoding: string): boolean {
  try {
    // As a stream, a character that has only begun is no fault.
    new TextDecoder(encoding, { fatal: true }).decode(octets, { stream: true });
    return true;
  } catch {
    return false;
  }
}

function failure(message: string, readable: string): Decoded {
  return { failure: { message, readable } };
}

function printable(text: string): string {
  return text.slice(0, 40).replace(/[^\x20-\x7e]/g, '?');
}
