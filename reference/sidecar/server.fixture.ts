import { request } from 'node:http';
import type { Answer, Opened, SessionState, WireEvent, WireMessage } from './messages.js';

export interface Response {
  readonly status: number;
  readonly body: unknown;
}

export interface PostOptions {
  readonly authorization?: string;
  readonly method?: string;
}

/** An XMPP server's half of the talk with a sidecar, for tests: it says what it is told to say. */
export function createScriptedServer(port: number, secret: string, domain: string) {
  let link = '';
  let batch = 0;

  const post = (path: string, body: unknown, options: PostOptions = {}): Promise<Response> =>
    new Promise((resolve, reject) => {
      const sent = request({
        host: '127.0.0.1',
        port,
        path,
        method: options.method ?? 'POST',
        headers: { authorization: options.authorization ?? `Bearer ${secret}` },
      });
      sent.on('error', reject).on('response', async (response) => {
        let text = '';
        for await (const chunk of response.setEncoding('utf8')) text += chunk;
        resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) });
      });
      sent.end(typeof body === 'string' ? body : JSON.stringify(body));
    });

  const succeed = async <T>(path: string, body: unknown): Promise<T> => {
    const response = await post(path, body);
    if (response.status !== 200) throw new Error(`${response.status} ${JSON.stringify(response.body)}`);
    return response.body as T;
  };

  const send = (events: readonly WireEvent[]) => succeed<Answer>('/events', { link, batch, events });

  return {
    post,
    async open(sessions: readonly SessionState[] = []): Promise<Opened> {
      const opened = await succeed<Opened>('/open', { domain, sessions });
      link = opened.link;
      batch = 0;
      return opened;
    },
    /** The next batch. */
    tell(...events: readonly WireEvent[]): Promise<Answer> {
      batch += 1;
      return send(events);
    },
    /** The last batch once more, as when its answer was lost. */
    tellAgain: (...events: readonly WireEvent[]) => send(events),
  };
}

export function chat(id: string, to = 'romeo@montague.example'): WireMessage {
  const stanza = `<message xmlns='jabber:client' from='juliet@capulet.example/balcony' to='${to}' type='chat'><body>Art thou not Romeo?</body></message>`;
  return { id, stanza };
}
