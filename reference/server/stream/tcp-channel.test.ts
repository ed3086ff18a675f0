import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { createSecureContext } from 'node:tls';
import { expect, test } from 'vitest';
import { createClock } from '../../clock/clock.js';
import { DEFAULT_LIMITS } from './listen.js';
import { certificate, header } from './stream.fixture.js';
import { createTcpChannel } from './tcp-channel.js';

test('what arrives in the clear between <starttls/> and the handshake is never read as XML', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const client = connect(address.port);
  const [socket] = (await once(server, 'connection')) as [Socket];

  // Holds the moment between <proceed/> and TLS open until the octets are there.
  let proceeded = () => {};
  const write = socket.write.bind(socket);
  socket.write = ((data: string, written: () => void) => {
    proceeded = written;
    return write(data);
  }) as typeof socket.write;

  const seen: string[] = [];
  const channel = createTcpChannel(socket, DEFAULT_LIMITS, createClock(), createSecureContext(certificate));
  const starttls = new Promise<void>((resolve) => {
    channel.start({
      onHeader: () => seen.push('header'),
      onElement(element) {
        seen.push(element.name);
        channel.startTls(element);
        resolve();
      },
      onClose: () => seen.push('close'),
      onFault: ({ code }) => seen.push(code),
      onGone: () => seen.push('gone'),
    });
  });
  client.write(`${header()}<starttls/>`);
  await starttls;
  client.write(`${header()}<injected/>`);
  while (socket.readableLength === 0) await new Promise(setImmediate);
  proceeded();
  client.on('error', () => {});
  client.resume();
  await once(client, 'close');
  expect(seen.slice(0, 2)).toEqual(['header', 'starttls']);
  expect(seen.slice(2).filter((what) => what !== 'gone')).toEqual([]);
  socket.destroy();
  server.close();
});
