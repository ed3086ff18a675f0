import { type Element, Parser } from '@xmpp/xml';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDisable, parseEnable, parseRequest } from './request.js';

/** The stanza as a server finds it: a child of a stream whose default namespace is jabber:client. */
function read(text: string): Element {
  let stanza: Element | undefined;
  const parser = new Parser();
  parser.on('element', (element: Element) => {
    stanza = element;
  });
  parser.write(
    `<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>${text}`,
  );
  if (!stanza) throw new Error(`not a stanza: ${text}`);
  return stanza;
}

const ENDPOINT = '<endpoint>https://push.example.net/p/abc</endpoint>';
const AUTH = '<auth>BTBZMqHH6r4Tts7J_aSIgg</auth>';
const P256DH = '<p256dh>BCVxsr7N</p256dh>';

const enableWith = (children: string) =>
  parseEnable(read(`<enable xmlns='urn:xmpp:webpush:0'>${children}</enable>`));
const disableWith = (attributes: string, children = '') =>
  parseDisable(read(`<disable xmlns='urn:xmpp:webpush:0' ${attributes}>${children}</disable>`));

const complete = {
  type: 'enable',
  endpoint: 'https://push.example.net/p/abc',
  auth: 'BTBZMqHH6r4Tts7J_aSIgg',
  p256dh: 'BCVxsr7N',
  payload: { sender: true, body: false },
};

function badRequest(text: RegExp) {
  return {
    type: 'refused',
    error: { type: 'modify', condition: 'bad-request', text: expect.stringMatching(text) },
  };
}

describe('enable', () => {
  test('gives endpoint, keys and the default policy: the sender, not the text', () => {
    expect(enableWith(ENDPOINT + AUTH + P256DH)).toEqual(complete);
  });

  test('takes its children in any order', () => {
    for (const children of [
      [AUTH, P256DH, ENDPOINT],
      [P256DH, ENDPOINT, AUTH],
    ])
      expect(enableWith(children.join('\n'))).toEqual(complete);
  });

  test('is known by namespace, whatever the prefix', () => {
    const enable = read(`<w:enable xmlns:w='urn:xmpp:webpush:0'>
      <w:endpoint>https://push.example.net/p/abc</w:endpoint><w:auth>BTBZMqHH6r4Tts7J_aSIgg</w:auth>
      <p256dh xmlns='urn:xmpp:webpush:0'>BCVxsr7N</p256dh></w:enable>`);
    expect(parseEnable(enable)).toEqual(complete);
  });

  test.each([
    ['endpoint', AUTH + P256DH],
    ['auth', ENDPOINT + P256DH],
    ['p256dh', ENDPOINT + AUTH],
  ])('without %s is a bad request', (name, children) => {
    const expected = badRequest(new RegExp(`element ${name} in enable is missing`));
    expect(enableWith(children)).toEqual(expected);
    expect(enableWith(`${children}<${name}/>`)).toEqual(expected);
    expect(enableWith(`${children}<${name}> \n\t</${name}>`)).toEqual(expected);
  });

  test('does not take a child of another namespace for its own', () => {
    expect(
      enableWith(`${ENDPOINT}${P256DH}<auth xmlns='urn:example:other'>BTBZMqHH6r4Tts7J_aSIgg</auth>`),
    ).toEqual(badRequest(/auth in enable is missing/));
  });

  test.each([
    ['endpoint', ENDPOINT],
    ['auth', AUTH],
    ['p256dh', P256DH],
    ['payload', '<payload/>'],
  ])('with %s twice is a bad request', (name, child) => {
    expect(enableWith(ENDPOINT + AUTH + P256DH + (name === 'payload' ? child : '') + child)).toEqual(
      badRequest(new RegExp(`element ${name} in enable may occur only once`)),
    );
  });

  test('ignores what it does not know, in foreign namespaces and in its own', () => {
    const unknown = `<endpoint xmlns='urn:example:other'>https://evil.example/</endpoint>
      <vapid-key>BAAA</vapid-key><payload xmlns='urn:example:other' body='true'/>`;
    expect(enableWith(unknown + ENDPOINT + AUTH + P256DH)).toEqual(complete);
  });

  test('a child with elements inside is a bad request', () => {
    expect(enableWith(`${AUTH}${P256DH}<endpoint>https://a<b/>.example</endpoint>`)).toEqual(
      badRequest(/endpoint may hold text only/),
    );
  });

  test('surrounding white space of XML is removed and no other', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(' ', '\t', '\n'), maxLength: 4 }),
        fc.string({ unit: fc.constantFrom('a', ' ', '\u00a0', '/'), minLength: 1 }),
        fc.string({ unit: fc.constantFrom(' ', '\t', '\n'), maxLength: 4 }),
        (before, middle, after) => {
          const endpoint = `x${middle}x`;
          expect(
            enableWith(`${AUTH}${P256DH}<endpoint>${before}${endpoint}${after}</endpoint>`),
          ).toMatchObject({ endpoint });
        },
      ),
    );
  });

  test('a long run of white space inside a text costs linear time', () => {
    const hostile = `x${' '.repeat(250_000)}x`;
    expect(enableWith(`${AUTH}${P256DH}<endpoint>${hostile}</endpoint>`)).toMatchObject({
      endpoint: hostile,
    });
  }, 1000);

  test.each([
    ['true', true],
    ['1', true],
    ['false', false],
    ['0', false],
    [' true ', true],
  ])('the policy reads %o as xs:boolean', (text, value) => {
    expect(enableWith(`${ENDPOINT}${AUTH}${P256DH}<payload sender='${text}' body='${text}'/>`)).toMatchObject(
      {
        payload: { sender: value, body: value },
      },
    );
  });

  test.each(['yes', 'TRUE', '', '2', 'True'])('a policy of %o is a bad request', (text) => {
    for (const name of ['sender', 'body']) {
      expect(enableWith(`${ENDPOINT}${AUTH}${P256DH}<payload ${name}='${text}'/>`)).toEqual(
        badRequest(new RegExp(`attribute ${name} of payload is true, false, 1 or 0`)),
      );
    }
  });

  test('a member of the policy that is not named keeps its default', () => {
    expect(enableWith(`${ENDPOINT}${AUTH}${P256DH}<payload body='1'/>`)).toMatchObject({
      payload: { sender: true, body: true },
    });
    expect(enableWith(`${ENDPOINT}${AUTH}${P256DH}<payload sender='0'/>`)).toMatchObject({
      payload: { sender: false, body: false },
    });
  });

  test('any three texts come out as they went in', () => {
    const text = fc
      .string({ minLength: 1, unit: fc.constantFrom('a', 'Z', '0', '-', '_', '=', '&amp;', '/', 'é', '😀') })
      .filter((value) => value.trim() !== '');
    const unescaped = (value: string) => value.replaceAll('&amp;', '&');
    fc.assert(
      fc.property(text, text, text, (endpoint, auth, p256dh) => {
        expect(
          enableWith(`<endpoint>${endpoint}</endpoint><auth>${auth}</auth><p256dh>${p256dh}</p256dh>`),
        ).toMatchObject({
          endpoint: unescaped(endpoint),
          auth: unescaped(auth),
          p256dh: unescaped(p256dh),
        });
      }),
    );
  });
});

describe('disable', () => {
  test('without endpoint means the registration of the session', () => {
    expect(disableWith('')).toEqual({ type: 'disable', which: 'session' });
    expect(disableWith("all='false'")).toEqual({ type: 'disable', which: 'session' });
  });

  test('with an endpoint means the registration of that endpoint', () => {
    for (const all of ['', "all='0'"]) {
      expect(disableWith(all, ENDPOINT)).toEqual({
        type: 'disable',
        which: { endpoint: 'https://push.example.net/p/abc' },
      });
    }
  });

  test.each(['true', '1'])('with all=%o means every registration of the account', (all) => {
    expect(disableWith(`all='${all}'`)).toEqual({ type: 'disable', which: 'all' });
  });

  test('with an endpoint and all is a bad request', () => {
    expect(disableWith("all='true'", ENDPOINT)).toEqual(badRequest(/not both/));
  });

  test('with a value for all that is no boolean is a bad request', () => {
    expect(disableWith("all='yes'")).toEqual(badRequest(/attribute all of disable/));
  });

  test('with two endpoints is a bad request', () => {
    expect(disableWith('', ENDPOINT + ENDPOINT)).toEqual(
      badRequest(/endpoint in disable may occur only once/),
    );
  });

  test('with an empty endpoint is a bad request and never taken for none', () => {
    for (const empty of ['<endpoint/>', '<endpoint> </endpoint>'])
      expect(disableWith('', empty)).toEqual(badRequest(/endpoint in disable is empty/));
  });

  test('ignores an endpoint of another namespace', () => {
    expect(disableWith('', "<endpoint xmlns='urn:example:other'>x</endpoint>")).toEqual({
      type: 'disable',
      which: 'session',
    });
  });
});

describe('the IQ', () => {
  const enable = `<enable xmlns='urn:xmpp:webpush:0'>${ENDPOINT}${AUTH}${P256DH}</enable>`;

  test('of type set carries an enable or a disable', () => {
    expect(parseRequest(read(`<iq type='set' id='e1'>${enable}</iq>`))).toEqual(complete);
    expect(
      parseRequest(read("<iq type='set' id='x'><w:disable xmlns:w='urn:xmpp:webpush:0' all='1'/></iq>")),
    ).toEqual({
      type: 'disable',
      which: 'all',
    });
  });

  test.each(['get', '', 'SET'])('of type %o is a bad request', (type) => {
    expect(parseRequest(read(`<iq type='${type}' id='e1'>${enable}</iq>`))).toEqual(
      badRequest(/needs an IQ of type set/),
    );
  });

  test.each(['result', 'error'])('of type %s is no request and gets no answer', (type) => {
    expect(parseRequest(read(`<iq type='${type}' id='e1'>${enable}</iq>`))).toBeUndefined();
  });

  test('with the same local name in another namespace is no request of this protocol', () => {
    expect(
      parseRequest(read("<iq type='set' id='e1'><enable xmlns='urn:xmpp:carbons:2'/></iq>")),
    ).toBeUndefined();
    expect(parseRequest(read("<iq type='set' id='e1'/>"))).toBeUndefined();
  });

  test('with a second child is a bad request', () => {
    expect(parseRequest(read(`<iq type='set' id='e1'>${enable}${enable}</iq>`))).toEqual(
      badRequest(/exactly one request/),
    );
  });

  test('with another element of the namespace asks for what is not implemented', () => {
    expect(
      parseRequest(read("<iq type='set' id='e1'><verify xmlns='urn:xmpp:webpush:0'/></iq>")),
    ).toMatchObject({
      type: 'refused',
      error: { type: 'cancel', condition: 'feature-not-implemented' },
    });
  });
});

test('no refusal repeats a value of the request', () => {
  const secret = fc.stringMatching(/^[A-Za-z0-9]{12,20}$/);
  fc.assert(
    fc.property(secret, (value) => {
      for (const refusal of [
        enableWith(`<endpoint>${value}</endpoint><auth>${value}</auth>`),
        enableWith(`<endpoint>${value}</endpoint><endpoint>${value}</endpoint>`),
        enableWith(`${ENDPOINT}${AUTH}${P256DH}<payload body='${value}'/>`),
        enableWith(`<endpoint>${value}<b/></endpoint>`),
        disableWith(`all='${value}'`),
        disableWith("all='1'", `<endpoint>${value}</endpoint>`),
      ]) {
        expect(refusal.type).toBe('refused');
        expect(JSON.stringify(refusal)).not.toContain(value);
      }
    }),
  );
});
