import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { freePorts } from './ports.js';

test('No port is free where nobody can listen', async () => {
  await expect(freePorts(['a'], '192.0.2.1')).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
});

test('Ports that are given can be listened on, are given once, and to no outgoing connection', async () => {
  const { a, b } = await freePorts(['a', 'b']);
  expect(a).not.toBe(b);
  for (const port of [a, b]) {
    // Where Linux begins with outgoing connections (net.ipv4.ip_local_port_range); others begin higher (RFC 6335 §6).
    expect(port).toBeLessThan(32_768);
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
    await new Promise((resolve) => server.close(resolve));
  }
});
