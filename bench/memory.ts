/**
 * Whether a host of Web Push keeps its size over many pushes: engine, registrations, keys, encryption and delivery over
 * HTTPS to a push service in a process of its own, as in a server, while sessions come, hibernate and go. Exits with 1 when
 * the memory grows.
 *
 *     npx tsc -p bench && node --expose-gc bench/dist/bench/memory.js [--pushes 100000]
 */
import { type ChildProcess, fork } from 'node:child_process';
import { createECDH, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import xml from '@xmpp/xml';
import { createAuthority } from '../harness/certificate/certificate.js';
import { createClock } from '../reference/clock/clock.js';
import type { EngineEvent, RoutedMessage } from '../reference/engine/events.js';
import { createPushHost } from '../reference/host/host.js';

const ACCOUNTS = 500;
/** Of each account, as many as it may have. */
const DEVICES = 3;
/** Milliseconds between two messages to an account: so long that tokens expire and what was told is forgotten. */
const PAUSE = 12 * 3_600_000;
const BATCH_WINDOW = 1000;
/** Pushes that are not held against the host: its caches fill, the compiler settles, the allocator takes what it needs. */
const WARM_UP = 100_000;
const POINTS = 10;
/** Octets of heap and of the whole process that each push may leave behind: less than a message id. */
const HEAP_PER_PUSH = 16;
const PROCESS_PER_PUSH = 256;

const DOMAIN = 'capulet.example';
const PUSH_HOST = 'push.example';

interface ServiceSetting {
  readonly key: string;
  readonly cert: string;
}

/** Answers by the number of the request: mostly 201, now and then what a push service has to say otherwise. */
function serve({ key, cert }: ServiceSetting): void {
  let requests = 0;
  const server = https.createServer({ key, cert }, (request, response) => {
    request.resume();
    request.once('end', () => {
      requests += 1;
      if (requests % 1009 === 0) response.writeHead(410);
      else if (requests % 997 === 0) response.writeHead(429, { 'retry-after': '60' });
      else if (requests % 499 === 0) response.writeHead(503);
      else response.writeHead(201);
      response.end();
      process.send?.({ path: request.url });
    });
  });
  server.listen(0, '127.0.0.1', () => {
    process.send?.({ port: (server.address() as AddressInfo).port });
  });
}

// What the push service takes must not count for the host's, so it is a child of this process.
if (process.send) process.once('message', (setting) => serve(setting as ServiceSetting));
else process.exitCode = await measure();

async function measure(): Promise<number> {
  const { values } = parseArgs({ options: { pushes: { type: 'string', default: '100000' } } });
  const pushes = Number(values.pushes);
  const collect = globalThis.gc;
  if (!Number.isInteger(pushes) || pushes < POINTS * ACCOUNTS || !collect) {
    process.stderr.write(
      `usage: node --expose-gc memory.js [--pushes N], N a whole number from ${POINTS * ACCOUNTS}\n`,
    );
    return 2;
  }
  const authority = await createAuthority();
  const service = fork(fileURLToPath(import.meta.url));
  service.send(await authority.certify([PUSH_HOST]));
  const [{ port }] = (await once(service, 'message')) as [{ port: number }];
  const clock = createClock();
  const host = createPushHost({
    domain: DOMAIN,
    clock,
    push: {
      enabled: true,
      maxDevices: DEVICES,
      importantBody: 'New Message!',
      batchWindow: BATCH_WINDOW,
      subject: `mailto:postmaster@${DOMAIN}`,
      allowedHosts: [PUSH_HOST],
      ca: authority.pem,
      lookup: (_, options, callback) =>
        options.all ? callback(null, [{ address: '127.0.0.1', family: 4 }]) : callback(null, '127.0.0.1', 4),
      requestTimeout: 10_000,
    },
    reply() {},
    onProblem: (problem) => process.stderr.write(`${problem.message}\n`),
  });
  const requests = countRequests(service);
  const play = createPlay(host.handle, `https://${PUSH_HOST}:${port}`);

  const points: Point[] = [];
  const since = performance.now();
  process.stdout.write(`${ACCOUNTS} accounts, Node ${process.version}\n`);
  process.stdout.write('   pushes   heap MiB  process MiB   pushes/s\n');
  for (let round = 0; points.length <= POINTS; round += 1) {
    const last = play(round);
    clock.advance(BATCH_WINDOW);
    await requests.reach(last);
    clock.advance(PAUSE);
    if (requests.count() < WARM_UP + (points.length * pushes) / POINTS) continue;
    await requests.quiet();
    collect();
    const { heapUsed, rss } = process.memoryUsage();
    const point = { pushes: requests.count(), heap: heapUsed, process: rss };
    points.push(point);
    const rate = point.pushes / ((performance.now() - since) / 1000);
    process.stdout.write(
      `${String(point.pushes).padStart(9)} ${mebi(heapUsed).padStart(10)} ${mebi(rss).padStart(12)} ${String(Math.round(rate)).padStart(10)}\n`,
    );
  }
  await host.close();
  service.kill();
  return judge(points);
}

interface Point {
  readonly pushes: number;
  /** Octets. */
  readonly heap: number;
  readonly process: number;
}

function judge(points: readonly Point[]): number {
  const heap = slope(points, ({ heap }) => heap);
  const whole = slope(points, (point) => point.process);
  const grows = heap > HEAP_PER_PUSH || whole > PROCESS_PER_PUSH;
  process.stdout.write(
    `each push leaves ${heap.toFixed(1)} octets in the heap (at most ${HEAP_PER_PUSH})` +
      ` and ${whole.toFixed(1)} in the process (at most ${PROCESS_PER_PUSH}): ${grows ? 'it grows' : 'flat'}\n`,
  );
  return grows ? 1 : 0;
}

/** Octets a push, by the line that fits the points best. */
function slope(points: readonly Point[], octets: (point: Point) => number): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map(({ pushes }) => pushes)), mean(points.map(octets))];
  const covariance = points.reduce((sum, point) => sum + (point.pushes - x) * (octets(point) - y), 0);
  return covariance / points.reduce((sum, { pushes }) => sum + (pushes - x) ** 2, 0);
}

function mebi(octets: number): string {
  return (octets / 2 ** 20).toFixed(1);
}

function countRequests(service: ChildProcess) {
  let count = 0;
  let onPath = (_: string) => {};
  service.on('message', (message) => {
    const { path } = message as { readonly path: string };
    count += 1;
    onPath(path);
  });
  return {
    count: () => count,
    /** Resolves with the next request to this path. */
    reach: (wanted: string) =>
      new Promise<void>((resolve) => {
        onPath = (path) => {
          if (path === wanted) resolve();
        };
      }),
    /** Nothing has come for a moment. */
    async quiet() {
      for (let before = -1; before < count; ) {
        before = count;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
  };
}

/**
 * A round: a message to each account, in one of the situations in which it is pushed. Gives the path of the request that
 * comes last: of an endpoint that nothing ever happens to.
 */
function createPlay(handle: (event: EngineEvent) => void, origin: string): (round: number) => string {
  const auth = randomBytes(16).toString('base64url');
  const p256dh = createECDH('prime256v1').generateKeys('base64url');
  let messages = 0;

  const enable = (account: string, session: string, device: number) =>
    handle({
      type: 'iq',
      session,
      account,
      stanza: xml(
        'iq',
        { type: 'set', id: 'enable', from: session },
        xml(
          'enable',
          { xmlns: 'urn:xmpp:webpush:0' },
          xml('endpoint', {}, `${origin}/${device}/${account}`),
          xml('auth', {}, auth),
          xml('p256dh', {}, p256dh),
        ),
      ),
    });
  const message = (account: string, round: number): RoutedMessage => {
    messages += 1;
    return {
      id: `message-${messages}`,
      stanza: xml(
        'message',
        { type: 'chat', from: `romeo-${round % 50}@montague.example/orchard`, to: account },
        xml('body', {}, `Hark! ${messages}`),
      ),
    };
  };

  return (round) => {
    for (let number = 0; number < ACCOUNTS; number += 1) {
      const account = `juliet-${number}@${DOMAIN}`;
      const session = `${account}/${round}`;
      const situation = (number + round) % 5;
      // The first round has all devices enabled; later a new one comes now and then, and the oldest has to go.
      if (situation === 0 || round === 0) {
        for (let device = 0; device < (round === 0 ? DEVICES : 1); device += 1) {
          handle({ type: 'session-ended', session });
          handle({ type: 'session-started', session, account });
          enable(account, session, round === 0 ? device : round + DEVICES);
        }
      }
      if (situation === 0) {
        const told = message(account, round);
        handle({ type: 'hibernation-started', session, unacked: [told] });
        handle({ type: 'archived', account, message: told, direction: 'incoming' });
        if (number % 2 === 0) handle({ type: 'resumed', session });
      } else {
        const told = message(account, round);
        handle({ type: 'archived', account, message: told, direction: 'incoming' });
        handle({ type: 'stored-offline', account, message: told });
      }
      if (situation === 0 || round === 0) handle({ type: 'session-ended', session });
      if (situation === 1 && number % 50 === 0) handle({ type: 'credentials-changed', account });
    }
    const nurse = `nurse@${DOMAIN}`;
    const session = `${nurse}/${round}`;
    handle({ type: 'session-started', session, account: nurse });
    enable(nurse, session, 0);
    handle({ type: 'session-ended', session });
    handle({ type: 'stored-offline', account: nurse, message: message(nurse, round) });
    return `/0/${nurse}`;
  };
}
