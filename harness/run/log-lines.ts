/** Lines of a server's log that a report has room for. */
const most = 8;

/**
 * What of a log is quoted below a failure: warnings and errors, and lines with the name of one of the accounts, for a server
 * that serves many cases at once logs much that is of no concern; the last lines when there are none of these.
 *
 * @param accounts localparts.
 */
export function quoteLog(log: string, accounts: readonly string[]): string {
  const lines = log.trimEnd().split('\n');
  const telling = lines.filter(
    (line) =>
      /\b(?:warn(?:ing)?|error|critical|fatal)\b/i.test(line) || accounts.some((name) => line.includes(name)),
  );
  return (telling.length > 0 ? telling : lines).slice(-most).join('\n');
}
