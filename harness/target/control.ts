import { createServer, type IncomingMessage } from 'node:http';
import { UsageError } from '../usage/usage-error.js';
import type { Hooks } from './target.js';

/** An interface for administrators over HTTP, on loopback. */
export interface Control {
  /** `http://127.0.0.1:PORT`; the hooks are paths below it. */
  readonly url: string;
  close(): Promise<void>;
}

type Orders = Omit<Hooks, 'restart' | 'crash'>;
type Order = { readonly [Name in keyof Orders]: (input: Fields) => Promise<void> };

const mostOctets = 65_536;

/**
 * Takes `POST /advanceClock` and the like, with the arguments as a JSON object. A browser does not send JSON to a stranger
 * without asking first, and is told nothing: no page it shows can give orders here.
 *
 * @throws UsageError when the port is taken.
 */
export async function openControl(hooks: Orders, port: number): Promise<Control> {
  const account = (input: Fields) => ({ localpart: input.text('localpart'), domain: input.text('domain') });
  const orders: Order = {
    advanceClock: (input) => hooks.advanceClock(input.milliseconds()),
    deleteAccount: (input) => hooks.deleteAccount({ ...account(input), password: '' }),
    createAccount: (input) => hooks.createAccount({ ...account(input), password: input.text('password') }),
    setPassword: (input) => hooks.setPassword({ ...account(input), password: '' }, input.text('password')),
    changeKey: (input) => hooks.changeKey(input.text('domain')),
    resolveName: (input) => hooks.resolveName(input.text('name'), input.text('address')),
    allowHost: (input) => hooks.allowHost(input.text('allowedHost')),
  };
  const answerTo = async (request: IncomingMessage): Promise<readonly [status: number, error?: string]> => {
    const name = (request.url ?? '').slice(1);
    if (!Object.hasOwn(orders, name))
      return [404, `no such order; there are: ${Object.keys(orders).join(', ')}`];
    if (request.method !== 'POST') return [405, 'orders are posted'];
    if (!/^application\/json\b/i.test(request.headers['content-type'] ?? ''))
      return [415, 'the content type must be application/json'];
    try {
      await orders[name as keyof Orders](readFields(await textOf(request)));
      return [204];
    } catch (error) {
      return [400, (error as Error).message];
    }
  };
  const server = createServer(async (request, response) => {
    const [status, error] = await answerTo(request);
    if (error === undefined) response.writeHead(status).end();
    else response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
  });
  await new Promise<void>((resolve, reject) => {
    server
      .once('error', (cause) =>
        reject(
          new UsageError(`orders cannot be taken on 127.0.0.1 port ${port}: ${cause.message}`, { cause }),
        ),
      )
      .listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The members of an order, each asked for by name. */
interface Fields {
  text(name: string): string;
  milliseconds(): number;
}

function readFields(text: string): Fields {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) throw new Error('the body must be a JSON object');
  const members = new Map<string, unknown>(Object.entries(value));
  return {
    text(name) {
      const member = members.get(name);
      if (typeof member === 'string' && member !== '') return member;
      throw new Error(`"${name}" must be a string`);
    },
    milliseconds() {
      const member = Number(members.get('milliseconds'));
      if (Number.isInteger(member) && member >= 0) return member;
      throw new Error('"milliseconds" must be a whole number');
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let octets = 0;
  for await (const chunk of request) {
    octets += chunk.length;
    if (octets > mostOctets) throw new Error(`the body has more than ${mostOctets} octets`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
