import { TargetFault } from '../target/fault.js';
import type { Recorder } from '../transcript/transcript.js';
import type { Credentials, RawStream, XmppAddress } from './actor.js';
import { LIMITS } from './reader.js';
import { bindResource, openSession } from './session.js';
import { createWaits, type Wait, type Waits } from './waits.js';
import { openWire, type Wire } from './wire.js';

export interface RawSetting {
  readonly address: XmppAddress;
  /** Name in the transcript. */
  readonly name: string;
  readonly recorder: Recorder;
  /** Milliseconds after which a wait ends. */
  readonly patience: number;
}

/**
 * A connection on which nothing has been said yet.
 *
 * @param options.tls `true` encrypts as the address says, and what was said before STARTTLS is over by then; `false` leaves
 * plain TCP.
 * @throws TargetFault what `openWire` throws.
 */
export async function openRawStream(
  setting: RawSetting & { readonly domain: string },
  options: { readonly tls: boolean },
): Promise<RawStream> {
  const { address, domain, name, recorder, patience } = setting;
  const waits = createWaits(name, patience);
  const wire = await openWire({
    address,
    domain,
    transport: options.tls ? 'tcp' : 'plain',
    waits,
    trace: (direction, xml) => recorder.record({ kind: 'stanza', actor: name, direction, xml }),
  });
  const raw = createRawStream(setting, wire, waits);
  wire.read(raw.take, raw.end);
  return raw.stream;
}

/**
 * A stream that is logged in with SASL PLAIN and bound to a resource, and on which anything can be sent from there on.
 *
 * @throws TargetFault what the server did in place of the step that was due. Nothing is left open then.
 */
export async function openRawSession(
  setting: RawSetting,
  credentials: Credentials,
  resource: string,
): Promise<RawStream> {
  const { name } = setting;
  const session = await openSession({ ...setting, domain: credentials.domain }, 'tcp');
  try {
    await session.authenticate(credentials, 'PLAIN');
    await bindResource(name, resource, async (iq) => {
      const wait = session.waits.start<typeof iq>('answer to the resource binding');
      session.onElement = wait.resolve;
      iq.attrs.id = 'bind';
      session.write(iq.toString()).catch(wait.reject);
      return wait.promise;
    });
    // In one turn, so that no octet falls between the reader of elements and the raw stream.
    let raw: ReturnType<typeof createRawStream> | undefined;
    const wire = session.release((text) => raw?.take(text));
    raw = createRawStream(setting, wire, session.waits);
    session.onEnd = ({ fault }) => raw.end(fault);
    return raw.stream;
  } catch (error) {
    await session.lose();
    throw error;
  }
}

function createRawStream(
  { name, recorder }: RawSetting,
  wire: Wire,
  waits: Waits,
): { readonly stream: RawStream; take(text: string): void; end(fault?: TargetFault): void } {
  let all = '';
  let read = 0;
  let ended: { readonly fault?: TargetFault } | undefined;
  let waiting: { readonly wait: Wait<string>; readonly matches: RegExp } | undefined;
  const endWaits = new Set<Wait<string>>();

  /** What is unread, up to the end of the match. */
  const matched = (matches: RegExp): string | undefined => {
    const unread = all.slice(read);
    const found = new RegExp(matches.source, matches.flags.replace(/[gy]/g, '')).exec(unread);
    if (found === null) return undefined;
    const text = unread.slice(0, found.index + found[0].length);
    read += text.length;
    return text;
  };

  const end = (fault?: TargetFault) => {
    if (ended !== undefined) return;
    ended = fault === undefined ? {} : { fault };
    for (const wait of endWaits) settle(wait, fault);
    endWaits.clear();
    recorder.record({
      kind: 'stream',
      actor: name,
      event: fault === undefined ? 'ended-by-server' : 'lost',
      ...(fault === undefined ? {} : { detail: fault.message }),
    });
    const came = all.slice(read).slice(-200);
    const reason = `${fault?.message ?? 'the server closed the connection'}${came === '' ? '' : ` after ${came}`}`;
    waits.end(new TargetFault(fault?.code ?? 'connection-lost', reason, { cause: fault }));
  };

  /** A connection that breaks off has ended too. */
  const settle = (wait: Wait<string>, fault?: TargetFault) => {
    if (fault === undefined || fault.code === 'connection-lost') wait.resolve(all);
    else wait.reject(fault);
  };

  return {
    take(text) {
      if (ended !== undefined) return;
      recorder.record({ kind: 'stanza', actor: name, direction: 'received', xml: text });
      if (all.length + text.length > LIMITS.stanzaOctets) {
        end(new TargetFault('flood', `more than ${LIMITS.stanzaOctets} characters`));
        void wire.destroy();
        return;
      }
      all += text;
      if (waiting === undefined) return;
      const found = matched(waiting.matches);
      if (found === undefined) return;
      waiting.wait.resolve(found);
      waiting = undefined;
    },
    end,
    stream: {
      name,
      async send(data) {
        const text = typeof data === 'string' ? data : new TextDecoder().decode(data);
        const wait = waits.start<void>('room to send');
        recorder.record({ kind: 'stanza', actor: name, direction: 'sent', xml: text });
        wire.write(data).then(wait.resolve, wait.fail);
        await wait.promise;
      },
      async read(what, matches) {
        const found = matched(matches);
        if (found !== undefined) return found;
        const wait = waits.start<string>(what);
        waiting = { wait, matches };
        return wait.promise;
      },
      end() {
        if (ended !== undefined) {
          const { fault } = ended;
          const over = fault === undefined || fault.code === 'connection-lost';
          return over ? Promise.resolve(all) : Promise.reject(fault);
        }
        const wait = waits.start<string>('end of the connection');
        endWaits.add(wait);
        return wait.promise;
      },
      destroy() {
        const cut = new TargetFault('connection-lost', 'the connection was cut on purpose');
        ended ??= { fault: cut };
        waits.end(cut);
        void wire.destroy();
      },
    },
  };
}
