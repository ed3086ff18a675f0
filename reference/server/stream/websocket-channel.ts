import type { Socket } from 'node:net';
import { Element } from '@xmpp/xml';
import type { RawData, WebSocket } from 'ws';
import type { Clock } from '../../clock/clock.js';
import type { StreamLimits } from '../options.js';
import {
  type Channel,
  type ChannelEvents,
  CLOSING_TIME,
  MAX_UNSENT_OCTETS,
  NS_CLIENT,
  readHeader,
} from './channel.js';
import { readElement, XmlFault } from './xml-reader.js';

const NS_FRAMING = 'urn:ietf:params:xml:ns:xmpp-framing';

/** Every message is a document of its own, so what is in the namespace of the stream says so itself (RFC 7395 §3.3). */
function toDocument(element: Element): string {
  if (element.attrs.xmlns !== undefined || element.name.includes(':')) return element.toString();
  const document = new Element(element.name, { xmlns: NS_CLIENT, ...element.attrs });
  document.children = element.children;
  return document.toString();
}

/**
 * XML over WebSocket (RFC 7395), one element in each text message.
 *
 * @param connection what the WebSocket runs over.
 */
export function createWebSocketChannel(
  socket: WebSocket,
  connection: Socket,
  limits: StreamLimits,
  clock: Clock,
): Channel {
  let events: ChannelEvents | undefined;
  let ended = false;
  let paused = false;
  let opened = false;
  let headerSent = false;
  /** Messages the library had in hand when reading was paused. */
  const waiting: { data: RawData; binary: boolean }[] = [];

  const read = (data: RawData, binary: boolean) => {
    if (binary) throw new XmlFault('bad-format', 'binary message');
    const element = readElement(String(data), limits);
    const framing = element.getNS() === NS_FRAMING;
    if (!opened) {
      if (element.getName() !== 'open') throw new XmlFault('bad-format', 'not an <open/>');
      if (!framing) throw new XmlFault('invalid-namespace', 'not the namespace of framing');
      opened = true;
      events?.onHeader(readHeader(element));
    } else if (!framing) events?.onElement(element);
    else if (element.getName() === 'close') events?.onClose();
    else throw new XmlFault('bad-format', 'unexpected framing element');
  };

  const pump = () => {
    try {
      while (!paused && !ended) {
        const message = waiting.shift();
        if (!message) return;
        read(message.data, message.binary);
      }
    } catch (error) {
      if (!(error instanceof XmlFault)) throw error;
      events?.onFault(error);
    }
  };

  const write = (text: string) => {
    if (ended) return;
    socket.send(text);
    if (socket.bufferedAmount > MAX_UNSENT_OCTETS) socket.terminate();
  };

  const gone = () => {
    if (ended) return;
    ended = true;
    events?.onGone();
  };

  const closeWithin = () => {
    const cancel = clock.schedule(CLOSING_TIME, () => socket.terminate());
    socket.once('close', cancel);
  };

  return {
    start(handlers) {
      events = handlers;
      socket.on('message', (data, binary) => {
        if (ended) return;
        waiting.push({ data, binary });
        pump();
      });
      // The library closes by itself after an error, but waits for the peer longer than this server does.
      socket.on('error', () => {
        gone();
        closeWithin();
      });
      socket.on('close', gone);
    },
    isSecure: () => true,
    sendHeader(attributes) {
      headerSent = true;
      write(new Element('open', { xmlns: NS_FRAMING, ...attributes }).toString());
    },
    send: (element) => write(toDocument(element)),
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
      opened = false;
    },
    startTls() {
      throw new Error('A WebSocket is encrypted already.');
    },
    end() {
      if (ended) return;
      if (headerSent) write(new Element('close', { xmlns: NS_FRAMING }).toString());
      ended = true;
      socket.resume();
      socket.close(1000);
      closeWithin();
    },
    hurry: () => connection.destroySoon(),
  };
}
