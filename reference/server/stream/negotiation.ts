import { randomBytes } from 'node:crypto';
import xml, { type Element } from '@xmpp/xml';
import type { Clock } from '../../clock/clock.js';
import type { Accounts } from '../accounts.js';
import { type Channel, NS_STREAM, type StreamHeader, streamError } from './channel.js';
import { answerRegistration, isRegistration } from './registration.js';
import {
  decodePayload,
  MECHANISMS,
  type SaslCondition,
  type SaslExchange,
  type SaslStep,
} from './sasl/mechanisms.js';
import type { ClientStream, SessionLayer, StreamCondition, StreamEnd } from './stream.js';

const NS_TLS = 'urn:ietf:params:xml:ns:xmpp-tls';
const NS_SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';
const NS_REGISTER_FEATURE = 'http://jabber.org/features/iq-register';

/** RFC 6120 §6.4.5 asks for two to five retries. */
const MAX_AUTHENTICATION_FAILURES = 5;

export interface NegotiationContext {
  /** In lower case. */
  readonly domains: readonly [string, ...string[]];
  readonly accounts: Accounts;
  readonly clock: Clock;
  readonly sessions: SessionLayer;
  /** When a client without a session is given up (`Clock.now` time). */
  readonly deadline: number;
}

const features = (...children: Element[]) =>
  xml('stream:features', { 'xmlns:stream': NS_STREAM }, ...children);

/** What is wrong with a header that is well-formed and in the right namespaces (RFC 6120 §4.7). */
function headerProblem(header: StreamHeader, domains: readonly string[]): StreamCondition | undefined {
  if (!header.to || !domains.includes(header.to.toLowerCase())) return 'host-unknown';
  // A higher version is answered with the server's own (§4.7.5).
  if (!/^[1-9]\d*\.\d+$/.test(header.version ?? '')) return 'unsupported-version';
  return undefined;
}

/**
 * Conducts a client from its stream header through STARTTLS, registration and SASL (RFC 6120 §4 – §6, XEP-0077) until its
 * stream is the session layer's, and keeps it to the end.
 *
 * @returns ends the stream, with a stream error if given, as `ClientStream.close` does.
 */
export function negotiate(
  channel: Channel,
  { domains, accounts, clock, sessions, deadline }: NegotiationContext,
): (error?: StreamCondition) => void {
  let domain: string = domains[0];
  let header: StreamHeader | undefined;
  /** Whether the client's present stream has been answered with the server's header. */
  let answered = false;
  let localpart: string | undefined;
  let exchange: SaslExchange | undefined;
  let failures = 0;
  let stream: ClientStream | undefined;
  let ended = false;

  const finish = (how: StreamEnd) => {
    ended = true;
    stopDeadline();
    const told = stream;
    if (told) guarded(() => told.onEnd(how));
  };

  const end = (error?: StreamCondition, application?: Element) => {
    if (ended) return;
    if (error) {
      if (!answered) answerHeader();
      channel.send(streamError(error, application));
    }
    channel.end();
    finish(error ? 'lost' : 'closed');
  };

  const stopDeadline = clock.schedule(deadline - clock.now(), () => end('connection-timeout'));

  const guarded = (task: () => void) => {
    try {
      task();
    } catch (error) {
      sessions.onInternalError(error);
      end('internal-server-error');
    }
  };

  /** Nothing is read while the answer is worked out, so that elements are answered in order. */
  const working = (task: Promise<void>) => {
    channel.pause();
    task
      .catch((error) => {
        sessions.onInternalError(error);
        end('internal-server-error');
      })
      .finally(() => channel.resume());
  };

  const answerHeader = () => {
    answered = true;
    const id = randomBytes(16).toString('base64url');
    // The client's address is echoed only where nobody else can read it.
    const to = channel.isSecure() && header?.from ? { to: header.from } : {};
    channel.sendHeader({ from: domain, id, version: '1.0', 'xml:lang': 'en', ...to });
    return id;
  };

  const restart = () => {
    answered = false;
    channel.restart();
  };

  const onHeader = (received: StreamHeader) => {
    header = received;
    const problem = headerProblem(received, domains);
    if (problem) return end(problem);
    const to = received.to?.toLowerCase() ?? domain;
    if (localpart !== undefined && to !== domain) return end('policy-violation');
    domain = to;
    const id = answerHeader();
    if (localpart !== undefined) handOver(id, localpart, received.lang);
    else if (channel.isSecure())
      channel.send(
        features(
          xml(
            'mechanisms',
            { xmlns: NS_SASL },
            ...[...MECHANISMS.keys()].map((name) => xml('mechanism', {}, name)),
          ),
          xml('register', { xmlns: NS_REGISTER_FEATURE }),
        ),
      );
    else channel.send(features(xml('starttls', { xmlns: NS_TLS }, xml('required'))));
  };

  const handOver = (id: string, owner: string, lang: string | undefined) => {
    const handed: ClientStream = {
      id,
      localpart: owner,
      domain,
      lang,
      onElement: () => {},
      onEnd: () => {},
      established: stopDeadline,
      send: (element) => {
        if (!ended) channel.send(element);
      },
      close: end,
    };
    stream = handed;
    guarded(() => {
      sessions.onStream(handed);
      if (!ended) channel.send(features(...sessions.features(domain)));
    });
  };

  const onSasl = (element: Element) => {
    const fail = (condition: SaslCondition) => settle({ type: 'failure', condition });
    if (!channel.isSecure()) return fail('encryption-required');
    const name = element.getName();
    if (name === 'abort') return fail('aborted');
    const payload = decodePayload(element.text());
    if (payload === undefined) return fail('incorrect-encoding');
    if (name === 'auth') {
      exchange = MECHANISMS.get(element.attrs.mechanism ?? '')?.({ accounts, domain });
      if (!exchange) return fail('invalid-mechanism');
      // No initial response (RFC 6120 §6.4.2): an empty challenge asks for it.
      if (element.text() === '') return settle({ type: 'challenge', data: '' });
    } else if (name !== 'response' || !exchange) return fail('malformed-request');
    working(exchange(payload).then(settle));
  };

  const settle = (step: SaslStep) => {
    if (ended) return;
    if (step.type === 'challenge') return channel.send(sasl('challenge', step.data));
    exchange = undefined;
    if (step.type === 'success') {
      localpart = step.localpart;
      channel.send(sasl('success', step.data));
      return restart();
    }
    channel.send(xml('failure', { xmlns: NS_SASL }, xml(step.condition)));
    if (++failures >= MAX_AUTHENTICATION_FAILURES) end('policy-violation');
  };

  const sasl = (name: string, data: string | undefined) =>
    xml(name, { xmlns: NS_SASL }, ...(data ? [Buffer.from(data).toString('base64')] : []));

  const onStartTls = () => {
    if (channel.isSecure()) {
      channel.send(xml('failure', { xmlns: NS_TLS }));
      return end();
    }
    answered = false;
    exchange = undefined;
    channel.startTls(xml('proceed', { xmlns: NS_TLS }));
  };

  channel.start({
    onHeader,
    onElement(element) {
      // The client ends its stream with an error; there is nothing to answer (RFC 6120 §4.9.1.1).
      if (element.is('error', NS_STREAM)) {
        channel.end();
        return finish('lost');
      }
      const { onElement } = stream ?? {};
      if (onElement) return guarded(() => onElement(element));
      if (element.is('starttls', NS_TLS)) return onStartTls();
      if (element.getNS() === NS_SASL) return onSasl(element);
      if (channel.isSecure() && isRegistration(element, domain))
        return working(
          answerRegistration(element, domain, accounts).then((answer) => {
            if (!ended) channel.send(answer);
          }),
        );
      end('not-authorized');
    },
    onClose: () => end(),
    onFault: ({ code }) => end(code),
    onGone: () => {
      if (!ended) finish('lost');
    },
  });
  return end;
}
