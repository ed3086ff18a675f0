const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const month = `(?<month>${monthNames.join('|')})`;
const time = '(?<hour>\\d\\d):(?<minute>\\d\\d):(?<second>\\d\\d)';

/** The three forms of HTTP-date (RFC 9110 §5.6.7); a recipient has to take all of them. */
const dateForms = [
  // Sun, 06 Nov 1994 08:49:37 GMT
  new RegExp(`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?<day>\\d\\d) ${month} (?<year>\\d{4}) ${time} GMT$`),
  // Sunday, 06-Nov-94 08:49:37 GMT
  new RegExp(
    `^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?<day>\\d\\d)-${month}-(?<year>\\d\\d) ${time} GMT$`,
  ),
  // Sun Nov  6 08:49:37 1994
  new RegExp(`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ${month} (?<day>[ \\d]\\d) ${time} (?<year>\\d{4})$`),
];

/**
 * How long to wait from `now`, in milliseconds: `Retry-After` as delay-seconds or as a date (RFC 9110 §10.2.3). A date
 * that has passed gives 0; anything else than the two forms gives undefined.
 *
 * @param now Unix time in milliseconds.
 */
export function parseRetryAfter(field: string, now: number): number | undefined {
  const value = field.trim();
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = parseHttpDate(value, now);
  return date === undefined ? undefined : Math.max(date - now, 0);
}

function parseHttpDate(text: string, now: number): number | undefined {
  const parts = dateForms.map((form) => form.exec(text)?.groups).find((groups) => groups !== undefined);
  if (!parts?.year) return undefined;
  const [day, hour, minute, second] = [parts.day, parts.hour, parts.minute, parts.second].map(Number);
  const monthIndex = monthNames.indexOf(parts.month ?? '');
  if (day === undefined || hour === undefined || minute === undefined || second === undefined)
    return undefined;
  // 60 is a leap second.
  if (day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) return undefined;
  const at = (year: number) => Date.UTC(year, monthIndex, day, hour, minute, second);
  if (parts.year.length === 4) return at(Number(parts.year));

  // A two-digit year that seems to lie more than 50 years ahead is the last past one with these digits.
  const thisYear = new Date(now).getUTCFullYear();
  const inThisCentury = thisYear - (thisYear % 100) + Number(parts.year);
  return at(inThisCentury > thisYear + 50 ? inThisCentury - 100 : inThisCentury);
}
