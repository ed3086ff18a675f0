/** One parameter of an Authorization field. */
export interface Parameter {
  /** In lower case: names are case-insensitive (RFC 9110 §11.2). */
  readonly name: string;
  readonly value: string;
  readonly quoted: boolean;
}

/** An Authorization field taken apart (RFC 9110 §11.4). */
export interface Credentials {
  /** As sent; compares case-insensitively. */
  readonly scheme: string;
  readonly parameters: readonly Parameter[];
  /** Where the field leaves the grammar, absent when it does not. */
  readonly problem?: string;
}

const parameter = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^,]*?))[ \t]*(?:,|$)/;
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Characters of base64 that a token does not have: the encoding is wrong then, and that is judged by itself. */
const lenient = /^[A-Za-z0-9+/=._-]+$/;

/** Never throws: what cannot be read is named in `problem`, and what can is given all the same. */
export function parseCredentials(field: string): Credentials {
  const scheme = field.slice(0, field.search(/\s|$/));
  const rest = field.slice(scheme.length).replace(/^[ \t]+/, '');
  const gap = field.slice(scheme.length, field.length - rest.length);
  const parameters: Parameter[] = [];
  const problems: string[] = [];
  if (!token.test(scheme)) problems.push('there is no scheme');
  if (rest !== '' && !/^ +$/.test(gap)) problems.push('scheme and parameters are not apart by spaces');
  let left = rest;
  while (left !== '') {
    const comma = /^[ \t]*,[ \t]*/.exec(left);
    if (comma) {
      left = left.slice(comma[0].length);
      continue;
    }
    const match = parameter.exec(left);
    if (!match) {
      problems.push(`no parameter can be read at ${JSON.stringify(excerpt(left))}`);
      break;
    }
    const [whole, name = '', quoted, bare = ''] = match;
    const value = quoted === undefined ? bare : quoted.replace(/\\(.)/g, '$1');
    if (quoted === undefined && !lenient.test(value)) {
      problems.push(`the value of ${name} is no token: ${JSON.stringify(excerpt(value))}`);
    } else {
      parameters.push({ name: name.toLowerCase(), value, quoted: quoted !== undefined });
    }
    left = left.slice(whole.length).replace(/^[ \t]+/, '');
  }
  return { scheme, parameters, ...(problems.length > 0 ? { problem: problems.join('; ') } : {}) };
}

/** The beginning of a text and, when it is long, its end: where separators go wrong. */
function excerpt(text: string): string {
  return text.length > 60 ? `${text.slice(0, 40)}…${text.slice(-20)}` : text;
}
