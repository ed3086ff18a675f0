import { describe, expect, test } from 'vitest';
import { embeddedTarget } from '../../target/embedded.js';
import { readSpec } from '../read.js';
import { planPlay } from './plan.js';
import { isPlayable, playExamples } from './play.js';

const endpoint = 'https://push.example.net/p/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV';
const auth = 'Z_hnMsDZmOJYLjtO7iLpCg';
const p256dh = 'BFxiToFITueFe2JpfX-f2cPYCxKLMmPiZFSMXq25dylU7zGh6fLNPDyiJpgR-OsRyh_T1k_Egg8KTjwBABKGGak';
const applicationServerKey =
  'BMLL-yzbxbCFjCjFGtxZja1PqMOqG8Red7RrSKbuEy00lSq6dM7ogxuLt3yjHe6bJLlCtadfrCr87XLvukFUGNM';

const enable = (id: string, more: string) => `
<iq type='set' id='${id}' from='juliet@capulet.example/balcony'>
  <enable xmlns='urn:xmpp:webpush:0'>
    <endpoint>${endpoint}</endpoint>
    ${more}
    <p256dh>${p256dh}</p256dh>
  </enable>
</iq>`;

const examples = [
  `
<iq type='get' id='disco1' from='juliet@capulet.example/balcony' to='juliet@capulet.example'>
  <query xmlns='http://jabber.org/protocol/disco#info'/>
</iq>`,
  `
<iq type='result' id='disco1' from='juliet@capulet.example' to='juliet@capulet.example/balcony'>
  <query xmlns='http://jabber.org/protocol/disco#info'>
    <feature var='urn:xmpp:webpush:0'/>
    ...
    <x xmlns='jabber:x:data' type='result'>
      <field var='FORM_TYPE' type='hidden'>
        <value>http://jabber.org/protocol/webpush#public-key</value>
      </field>
      <field var='webpush#public-key' type='text-single'>
        <value>${applicationServerKey}</value>
      </field>
    </x>
  </query>
</iq>`,
  enable('enable1', `<auth>${auth}</auth>`),
  `
<iq type='result' id='enable1' to='juliet@capulet.example/balcony'/>`,
  `${enable('enable2', '<auth>short</auth>')}
<iq type='error' id='enable2' to='juliet@capulet.example/balcony'>
  <error type='modify'>
    <bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>
    <invalid-key xmlns='urn:xmpp:webpush:0'/>
  </error>
</iq>`,
  `${enable('enable3', `<auth>${auth}</auth>`)}
<iq type='result' id='enable3' to='juliet@capulet.example/balcony'/>`,
  `
<message type='chat' id='romeo1' from='romeo@montague.example/orchard' to='juliet@capulet.example'>
  <body>By a name I know not how to tell thee who I am.</body>
</message>`,
  `
POST /p/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV HTTP/1.1
Host: push.example.net
TTL: 172800
Urgency: normal
Topic: t16htiezFFjN0VRtj4mbrFknA6nYf6v0
Content-Encoding: aes128gcm
Content-Type: application/octet-stream
Content-Length: 614
Authorization: vapid t=e30.e30.e30, k=${applicationServerKey}

AAAA`,
  `
HTTP/1.1 201 Created`,
  `
{
  "v": 1,
  "account": "juliet@capulet.example",
  "kind": "message",
  "type": "chat",
  "from": "romeo@montague.example",
  "id": "1",
  "time": "2026-11-22T12:00:00.000Z",
  "body": "New Message!"
}`,
  `
<iq type='set' id='disable1' from='juliet@capulet.example/balcony'>
  <disable xmlns='urn:xmpp:webpush:0'>
    <endpoint>${endpoint}</endpoint>
  </disable>
</iq>
<iq type='result' id='disable1' to='juliet@capulet.example/balcony'/>`,
];

const story = `<xep><header><title>Web Push</title></header><section1 topic='Story'>
${examples.map((text, index) => `<example caption='${index + 1}'><![CDATA[${text}\n]]></example>`).join('\n')}
</section1></xep>
`;

function read(text: string) {
  const { document } = readSpec('story.xml', Buffer.from(text));
  if (!document) throw new Error('the story cannot be read');
  return document;
}

/** The line in which a text stands that occurs once. */
function lineOf(text: string, part: string): number {
  expect(text.split(part)).toHaveLength(2);
  return text.slice(0, text.indexOf(part)).split('\n').length;
}

async function play(text: string) {
  const { played, findings } = await playExamples(read(text), embeddedTarget);
  return {
    played,
    findings: findings.map(({ line, level, rule, message }) => ({ line, level, rule, message })),
  };
}

/** The story with a slip, and where it has to be found. */
function withSlip(
  right: string,
  wrong: string,
  place = wrong,
): { readonly text: string; readonly line: number } {
  expect(story.split(right)).toHaveLength(2);
  const text = story.replace(right, wrong);
  return { text, line: lineOf(text, place) };
}

describe('Playing the examples of a document', () => {
  test('a story that says what the server does is played without a finding', async () => {
    expect(isPlayable(read(story))).toBe(true);
    expect(await play(story)).toEqual({ played: 6, findings: [] });
  });

  test.each([
    [
      'an element the server sends and the example lacks',
      withSlip(
        `<value>${applicationServerKey}</value>`,
        '',
        "<field var='webpush#public-key' type='text-single'>",
      ),
      'play/answer',
      'also has <value>',
    ],
    [
      'a feature the server does not have',
      withSlip("<feature var='urn:xmpp:webpush:0'/>", "<feature var='urn:xmpp:webpush:9'/>"),
      'play/answer',
      'var="urn:xmpp:webpush:9"',
    ],
    [
      'an answer with the id of no request',
      withSlip("<iq type='result' id='disable1'", "<iq type='result' id='disable9'"),
      'play/answer',
      'id="disable9"',
    ],
    [
      'a result where the server gives an error',
      withSlip("<iq type='error' id='enable2'", "<iq type='result' id='enable2'"),
      'play/answer',
      'bad-request',
    ],
    ['a wrong urgency', withSlip('Urgency: normal', 'Urgency: high'), 'play/push', 'Urgency: normal'],
    ['a wrong TTL', withSlip('TTL: 172800', 'TTL: 60'), 'play/push', 'TTL: 172800'],
    [
      'an authorization without its key',
      withSlip(`Authorization: vapid t=e30.e30.e30, k=${applicationServerKey}`, 'Authorization: vapid t=e30'),
      'play/push',
      'Authorization',
    ],
    ['a wrong method', withSlip('POST /p/', 'PUT /p/'), 'play/push', 'is a POST'],
    ['a missing header field', withSlip('Urgency: normal\n', '', 'POST /p/'), 'play/push', 'urgency: normal'],
    [
      'a payload without a member',
      withSlip('  "v": 1,\n', '', `<example caption='10'>`),
      'play/push',
      'also has "v": 1',
    ],
    [
      'a payload with a member of another value',
      withSlip('"kind": "message"', '"kind": "call"'),
      'play/push',
      '"kind": "message"',
    ],
    [
      'a payload with a time that is none',
      withSlip('"2026-11-22T12:00:00.000Z"', '"noon"'),
      'play/push',
      '"noon"',
    ],
  ])('%s is found where it stands', async (_slip, { text, line }, rule, words) => {
    const { findings } = await play(text);
    expect(findings).toContainEqual({ line, level: 'error', rule, message: expect.stringContaining(words) });
    expect(findings).toHaveLength(1);
  });

  test('a wrong condition is found where it stands, with the right one', async () => {
    const { text, line } = withSlip('<bad-request xml', '<conflict xml');
    const { findings } = await play(text);
    expect(findings).toEqual([
      { line, level: 'error', rule: 'play/answer', message: expect.stringContaining('no <conflict/>') },
      {
        line: line - 1,
        level: 'error',
        rule: 'play/answer',
        message: expect.stringContaining('<bad-request'),
      },
    ]);
  });

  test('why a request on Web Push is not played is a hint', async () => {
    const stranger = "id='disable1' from='juliet@verona.example/balcony'";
    const { text, line } = withSlip("id='disable1' from='juliet@capulet.example/balcony'", stranger);
    const { played, findings } = await play(text);
    expect(played).toBe(5);
    expect(findings).toEqual([
      { line, level: 'hint', rule: 'play/not-played', message: expect.stringContaining('verona.example') },
    ]);
  });

  test('a request whose answer is not shown is a hint, and other stanzas are passed over', () => {
    const text = story.replace(/<iq type='result' id='disable1'[^>]*>/, "<presence id='disable1'/>");
    const steps = planPlay(read(text));
    expect(steps.map(({ type }) => type)).toEqual([
      'request',
      'request',
      'request',
      'request',
      'push',
      'skipped',
    ]);
  });

  test('an account that cannot be keeps nothing else from being played', async () => {
    const { text, line } = withSlip(
      "id='disable1' from='juliet@capulet.example/balcony'",
      "id='disable1' from='ju liet@capulet.example/balcony'",
    );
    const { played, findings } = await play(text);
    expect(played).toBe(5);
    expect(findings).toEqual([
      { line, level: 'hint', rule: 'play/not-played', message: expect.stringContaining('not played: ') },
    ]);
  });
});
