import type { Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';
import type { Element } from '@xmpp/xml';
import type { Clock } from '../../clock/clock.js';
import type { StreamLimits } from '../options.js';
import {
  type Channel,
  type ChannelEvents,
  CLOSING_TIME,
  MAX_UNSENT_OCTETS,
  NS_CLIENT,
  NS_STREAM,
  readHeader,
  type StreamHeader,
  streamHeader,
} from './channel.js';
import { createXmlReader, type XmlEvent, XmlFault } from './xml-reader.js';

/** RFC 6120 §4.8: the namespace of the stream, and of what is in it, are fixed. */
function checkHeader(element: Element): StreamHeader {
  if (element.getNS() !== NS_STREAM) throw new XmlFault('invalid-namespace', 'not the namespace of streams');
  if (element.getName() !== 'stream') throw new XmlFault('bad-format', 'not a stream');
  if (element.attrs.xmlns !== NS_CLIENT) throw new XmlFault('invalid-namespace', 'not a stream of a client');
  return readHeader(element);
}

/**
 * XML over a socket (RFC 6120 §3): plain until STARTTLS, or secure from the start.
 *
 * @param secureContext what STARTTLS goes on with; absent, the socket is secure as it is.
 */
export function createTcpChannel(
  connection: Socket,
  limits: StreamLimits,
  clock: Clock,
  secureContext?: SecureContext,
): Channel {
  let socket = connection;
  let reader = createXmlReader(limits);
  let events: ChannelEvents | undefined;
  let paused = false;
  let ended = false;
  let headerSent = false;

  const gone = () => {
    if (ended) return;
    ended = true;
    events?.onGone();
  };

  const dispatch = (event: XmlEvent) => {
    if (event.type === 'open') events?.onHeader(checkHeader(event.element));
    else if (event.type === 'element') events?.onElement(event.element);
    else events?.onClose();
  };

  const pump = () => {
    try {
      while (!paused && !ended) {
        const event = reader.next();
        if (!event) return;
        dispatch(event);
      }
    } catch (error) {
      if (!(error instanceof XmlFault)) throw error;
      events?.onFault(error);
    }
  };

  const onData = (chunk: Buffer) => {
    if (ended) return;
    reader.push(chunk);
    pump();
  };

  const attach = (next: Socket) => {
    socket = next;
    socket.on('data', onData);
    socket.on('error', () => {
      // The 'close' that follows tells it.
    });
    socket.on('end', gone);
    socket.on('close', gone);
  };

  const write = (text: string) => {
    if (ended) return;
    socket.write(text);
    if (socket.writableLength > MAX_UNSENT_OCTETS) socket.destroy();
  };

  return {
    start(handlers) {
      events = handlers;
      attach(connection);
    },
    isSecure: () => secureContext === undefined || socket instanceof TLSSocket,
    sendHeader(attributes) {
      headerSent = true;
      write(streamHeader(attributes));
    },
    send: (element) => write(element.toString()),
    pause() {
      paused = true;
      socket.pause();
    },
    resume() {
      paused = false;
      if (ended) return;
      pump();
      if (!paused) socket.resume();
    },
    restart() {
      const rest = reader.takeRest();
      reader = createXmlReader(limits);
      reader.push(rest);
    },
    startTls(proceed) {
      paused = true;
      // A new reader, and nobody listens in the clear any more: what an attacker put behind <starttls/> is never read.
      reader = createXmlReader(limits);
      const plain = socket;
      plain.pause();
      plain.off('data', onData);
      plain.write(proceed.toString(), () => {
        if (ended || plain.destroyed) return;
        paused = false;
        attach(new TLSSocket(plain, { isServer: true, ...(secureContext ? { secureContext } : {}) }));
      });
    },
    end() {
      if (ended) return;
      if (headerSent) write('</stream:stream>');
      ended = true;
      socket.end();
      // Goes on reading (into nothing): closing with unread octets would reset the connection and lose the stream error.
      socket.resume();
      const cancel = clock.schedule(CLOSING_TIME, () => socket.destroy());
      socket.once('close', cancel);
    },
    hurry: () => socket.destroySoon(),
  };
}
