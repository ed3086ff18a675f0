import type { Examined } from '../../harness/judge/evidence.js';
import { examineRequest } from '../../harness/judge/examine.js';
import type { Finding } from '../../harness/judge/finding.js';
import {
  createRecorder,
  type RequestEntry,
  type SubscriptionEntry,
} from '../../harness/transcript/transcript.js';
import type { Opinion } from './opinion.js';

/** A request as the push service would have recorded it, taken apart by the judge. */
export async function examine(request: {
  readonly endpoint: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** base64url. */
  readonly body: string;
  /** Unix time in milliseconds. */
  readonly at: number;
  /** With the user agent's keys the body is opened. */
  readonly keys?: Pick<SubscriptionEntry, 'p256dh' | 'auth' | 'privateKey'>;
}): Promise<Examined> {
  const { endpoint, headers, body, at, keys } = request;
  const recorder = createRecorder('vector', () => at);
  const name = 'vector/browser';
  if (keys) recorder.record({ kind: 'subscription', name, endpoint, ...keys });
  const { host, pathname } = new URL(endpoint);
  const entry: RequestEntry = {
    kind: 'request',
    ...(keys ? { subscription: name } : {}),
    request: {
      httpVersion: '1.1',
      method: 'POST',
      target: pathname,
      authority: host,
      headers,
      body,
      complete: true,
    },
    answer: { type: 'status', status: 201 },
  };
  const { seq } = recorder.record(entry);
  const examined = await examineRequest(
    recorder.transcript,
    { ...entry, seq, at },
    { isSentinel: () => false },
  );
  return { ...examined, endpoint };
}

/** The judge has to find the sentence of a negative broken; of a positive, no sentence of the RFCs. */
export function verdictOn(
  findings: readonly Finding[],
  requirement: string | undefined,
  result: 'valid' | 'invalid',
): Opinion {
  const broken = findings.filter(({ met }) => !met).map((finding) => finding.requirement);
  if (result === 'invalid') {
    const found = requirement !== undefined && broken.includes(requirement);
    return {
      by: 'judge',
      expected: `${requirement} is broken`,
      actual: found ? `${requirement} is broken` : `broken: ${broken.join(', ') || 'nothing'}`,
    };
  }
  // What receivers ask for beyond the RFCs is no reason to refuse.
  const grave = broken.filter((id) => !id.startsWith('receivers.'));
  return { by: 'judge', expected: 'broken: nothing', actual: `broken: ${grave.join(', ') || 'nothing'}` };
}
