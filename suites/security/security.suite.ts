import xml from '@xmpp/xml';
import type { RawStream } from '../../harness/actor/actor.js';
import type { Case } from '../../harness/case/case.js';
import type { Stage } from '../../harness/case/stage.js';
import { check } from '../../harness/judge/check.js';
import { TargetFault } from '../../harness/target/fault.js';
import type { RequirementId } from '../requirements/catalogue.js';
import { answerTo, exchange, noPush, pushes, refusal, result } from '../scene/judge.js';
import { accept, enabled, enabledAndGone, fieldsOf } from '../scene/scene.js';
import { chat, disable, discoInfo, enable } from '../scene/webpush.js';

/**
 * Juliet's phone has an endpoint at another name of the push service, which leads to loopback as the usual one does; her
 * tablet has one at the usual name. Both are told of a message.
 *
 * @param name the push service has a certificate for any that does not begin with `uncertified`.
 */
async function atOtherName(stage: Stage, name: string, { allowed }: { readonly allowed: boolean }) {
  await stage.hooks.resolveName(name, '127.0.0.1');
  if (allowed) await stage.hooks.allowHost(name);
  const tablet = await enabledAndGone(stage, 'juliet/tablet');
  const phone = await stage.connect('juliet/phone');
  const subscription = stage.subscribe('juliet/phone');
  const endpoint = new URL(subscription.endpoint);
  endpoint.hostname = name;
  const answer = await phone.request(
    enable('enable', { ...fieldsOf(subscription), endpoint: endpoint.href }),
  );
  await phone.close();
  const romeo = await stage.sender('romeo');
  await romeo.send(chat(tablet.account, 'Hark!'));
  return { tablet, subscription, romeo, answer };
}

const otherName: Case<RequirementId> = {
  id: 'security/other-name',
  title: 'an endpoint at a name that an administrator allowed is pushed to',
  requirements: ['enable.result'],
  needs: { hooks: ['resolveName', 'allowHost'] },
  async play(stage) {
    const { subscription } = await atOtherName(stage, 'other.conformance.test', { allowed: true });
    await stage.pushed(subscription);
  },
  judge: (evidence) => [
    result(evidence, 'enable.result', 'juliet/phone', 'enable'),
    pushes(evidence, 'enable.result', 'juliet/phone', 1),
  ],
};

const rebinding: Case<RequirementId> = {
  id: 'security/resolved-address',
  title: 'nothing is sent to an endpoint whose name resolves to a loopback address',
  requirements: ['security.resolved-address'],
  negative: { sibling: 'security/other-name', fault: 'no administrator allowed the name' },
  absence: 'sentinel',
  needs: { hooks: ['resolveName'] },
  async play(stage) {
    // A server that resolves at once may refuse the enable already.
    const { tablet, romeo } = await atOtherName(stage, 'rebinding.conformance.test', { allowed: false });
    await stage.fence.sentinel(tablet.account, tablet.subscription, romeo);
  },
  judge: (evidence) => [noPush(evidence, 'security.resolved-address', 'juliet/phone')],
};

const wrongName: Case<RequirementId> = {
  id: 'security/certificate-of-another-name',
  title: 'nothing is sent to a push service whose certificate names another host',
  requirements: ['security.certificate'],
  negative: { sibling: 'security/other-name', fault: 'the push service has no certificate for the name' },
  absence: 'sentinel',
  needs: { hooks: ['resolveName', 'allowHost'] },
  async play(stage) {
    const { tablet, romeo, answer } = await atOtherName(stage, 'uncertified.conformance.test', {
      allowed: true,
    });
    if (answer.attrs.type !== 'result')
      throw new TargetFault('refused', `the enable was refused: ${answer.toString()}`);
    await stage.fence.sentinel(tablet.account, tablet.subscription, romeo);
  },
  judge: (evidence) => [noPush(evidence, 'security.certificate', 'juliet/phone')],
};

/** The nurse's desk enables, addressed to one account or the other; both accounts are told of a message then. */
async function enableAddressedTo(stage: Stage, addressee: 'nurse' | 'juliet') {
  const juliet = await enabledAndGone(stage, 'juliet/tablet');
  const nurse = await enabledAndGone(stage, 'nurse/tablet');
  const desk = await stage.connect('nurse/desk');
  const subscription = stage.subscribe('nurse/desk');
  const iq = enable('enable', fieldsOf(subscription));
  iq.attrs.to = (addressee === 'nurse' ? nurse : juliet).account.bareJid;
  await desk.request(iq);
  await desk.close();
  const romeo = await stage.sender('romeo');
  await romeo.send(chat(juliet.account, 'Hark!'));
  await romeo.send(chat(nurse.account, 'Hark!'));
  return { juliet, nurse, subscription, romeo };
}

const enableForOneself: Case<RequirementId> = {
  id: 'security/enable-for-oneself',
  title: 'an enable addressed to the own account registers for it, and for no other',
  requirements: ['enable.own-address'],
  async play(stage) {
    const { subscription } = await enableAddressedTo(stage, 'nurse');
    await stage.pushed(subscription);
  },
  judge: (evidence) => [
    result(evidence, 'enable.own-address', 'nurse/desk', 'enable'),
    pushes(evidence, 'enable.own-address', 'nurse/desk', 1),
  ],
};

const enableForAnother: Case<RequirementId> = {
  id: 'security/enable-for-another-account',
  title: 'an enable addressed to another account registers for neither',
  requirements: ['enable.other-account', 'security.remote-entities'],
  negative: {
    sibling: 'security/enable-for-oneself',
    fault: 'the enable is addressed to another account',
  },
  absence: 'sentinel',
  async play(stage) {
    const { juliet, nurse, romeo } = await enableAddressedTo(stage, 'juliet');
    await stage.fence.sentinel(juliet.account, juliet.subscription, romeo);
    await stage.fence.sentinel(nurse.account, nurse.subscription, romeo);
  },
  judge: (evidence) => [
    refusal(evidence, 'security.remote-entities', 'nurse/desk', 'enable'),
    noPush(evidence, 'enable.other-account', 'nurse/desk'),
  ],
};

/** Somebody disables what Juliet's phone enabled, addressed to Juliet; then she is told of a message. */
async function disableAddressedToJuliet(stage: Stage, by: string) {
  const nurse = await enabledAndGone(stage, 'nurse/tablet');
  const juliet = await enabledAndGone(stage, 'juliet/phone');
  const desk = await stage.connect(by);
  const one = disable('disable', { endpoint: juliet.subscription.endpoint });
  one.attrs.to = juliet.account.bareJid;
  await desk.request(one);
  const all = disable('disable-all', 'all');
  all.attrs.to = juliet.account.bareJid;
  await desk.request(all);
  const romeo = await stage.sender('romeo');
  await romeo.send(chat(juliet.account, 'Hark!'));
  return { nurse, juliet, romeo };
}

const disableForOneself: Case<RequirementId> = {
  id: 'security/disable-for-oneself',
  title: 'a disable addressed to the own account removes its registration',
  requirements: ['disable.no-more-pushes'],
  absence: 'sentinel',
  async play(stage) {
    const { nurse, romeo } = await disableAddressedToJuliet(stage, 'juliet/desk');
    await stage.fence.sentinel(nurse.account, nurse.subscription, romeo);
  },
  judge: (evidence) => [noPush(evidence, 'disable.no-more-pushes', 'juliet/phone')],
};

const disableForAnother: Case<RequirementId> = {
  id: 'security/disable-for-another-account',
  title: "a disable addressed to another account removes nothing of that account's",
  requirements: ['security.other-accounts'],
  negative: { sibling: 'security/disable-for-oneself', fault: 'it is another account that disables' },
  async play(stage) {
    const { juliet } = await disableAddressedToJuliet(stage, 'nurse/desk');
    await stage.pushed(juliet.subscription);
  },
  judge: (evidence) => [pushes(evidence, 'security.other-accounts', 'juliet/phone', 1)],
};

const noProbe: Case<RequirementId> = {
  id: 'security/no-probe',
  title: 'a stranger gets the same answers from an account with Web Push and from one without',
  requirements: ['security.remote-entities'],
  async play(stage) {
    const juliet = await enabledAndGone(stage, 'juliet/phone');
    const nurse = await stage.account('nurse');
    const stranger = await stage.connect('romeo/desk');
    const subscription = stage.subscribe('romeo/desk');
    for (const [name, to] of [
      ['with', juliet.account],
      ['without', nurse],
    ] as const) {
      for (const iq of [
        enable(`enable-${name}`, fieldsOf(subscription)),
        disable(`disable-${name}`, { endpoint: juliet.subscription.endpoint }),
      ]) {
        iq.attrs.to = to.bareJid;
        await stranger.request(iq);
      }
      await stranger.request(discoInfo(`disco-${name}`, to.bareJid));
    }
  },
  judge: (evidence) =>
    ['enable', 'disable', 'disco'].map((kind) => {
      const [one, other] = ['with', 'without'].map((name) => {
        const answer = answerTo(evidence, 'romeo/desk', `${kind}-${name}`)?.element;
        // The addresses and ids differ by nature; the rest must not.
        return (
          answer &&
          `${answer.attrs.type} ${answer
            .getChildElements()
            .filter((child) => !child.is(kind))
            .join('')}`
        );
      });
      return check(
        'security.remote-entities',
        one !== undefined && withoutNames(one) === withoutNames(other ?? ''),
        {
          expected: `the same answer to ${kind}`,
          actual: `${one ?? 'no answer'} and ${other ?? 'no answer'}`,
          evidence: ['with', 'without'].flatMap((name) =>
            exchange(evidence, 'romeo/desk', `${kind}-${name}`),
          ),
        },
      );
    }),
};

/** An answer without the JIDs in it. */
const withoutNames = (text: string) => text.replace(/(juliet|nurse|romeo)-[0-9a-f]+/g, 'someone');

const noEcho: Case<RequirementId> = {
  id: 'security/no-read-back',
  title: 'no answer tells endpoints or keys, neither to the device itself nor to another of the account',
  requirements: ['security.no-read-back', 'enable.no-echo', 'discovery.private-key'],
  absence: 'ping',
  async play(stage) {
    const phone = await enabled(stage, 'juliet/phone');
    const desk = await stage.connect('juliet/desk');
    await desk.request(discoInfo('disco', desk.bareJid));
    await desk.request(
      xml(
        'iq',
        { type: 'get', id: 'items', to: desk.bareJid },
        xml('query', { xmlns: 'http://jabber.org/protocol/disco#items' }),
      ),
    );
    await desk.request(
      enable('enable-bad', {
        endpoint: phone.subscription.endpoint,
        auth: 'AAAA',
        p256dh: phone.subscription.p256dh,
      }),
    );
    await desk.request(disable('disable', { endpoint: phone.subscription.endpoint }));
    await stage.fence.ping(desk);
    await stage.fence.ping(phone.actor);
  },
  judge(evidence) {
    const secrets = evidence.entries.flatMap((entry) =>
      entry.kind === 'subscription' ? [entry.endpoint, entry.auth, entry.p256dh] : [],
    );
    const tellers = evidence
      .stanzas(undefined, 'received')
      .filter(({ xml: text }) => secrets.some((secret) => text.includes(secret)));
    const privateKeys = evidence
      .stanzas(undefined, 'received')
      .filter(({ xml: text }) => /private|"d"\s*:|PRIVATE KEY/i.test(text));
    const finding = (requirement: 'security.no-read-back' | 'enable.no-echo', actors: readonly string[]) => {
      const own = tellers.filter(({ actor }) => actors.includes(actor));
      return check(requirement, own.length === 0, {
        expected: 'no stanza with an endpoint or a key of a subscription',
        actual: own.length === 0 ? 'none' : `${own.length} stanzas`,
        evidence: own.map(({ seq }) => seq),
        claimsAbsence: true,
      });
    };
    return [
      finding('security.no-read-back', ['juliet/desk']),
      finding('enable.no-echo', ['juliet/phone', 'juliet/desk']),
      check('discovery.private-key', privateKeys.length === 0, {
        expected: 'no stanza with a private key',
        actual: privateKeys.length === 0 ? 'none' : `${privateKeys.length} stanzas`,
        evidence: privateKeys.map(({ seq }) => seq),
        claimsAbsence: true,
      }),
    ];
  },
};

/** An enable on a stream of Juliet's phone that no client library rules, and a message. Her tablet is the witness. */
async function enableOnRawStream(stage: Stage, open: (name: string) => Promise<RawStream>) {
  const witness = await enabledAndGone(stage, 'juliet/tablet');
  const subscription = stage.subscribe('juliet/phone');
  const raw = await open('juliet/phone');
  const iq = enable('enable', fieldsOf(subscription));
  iq.attrs.from = `${witness.account.bareJid}/phone`;
  // With the end of the stream: whoever has a session must be gone when the message comes.
  await raw.send(`${iq}</stream:stream>`);
  await raw.end();
  const romeo = await stage.sender('romeo');
  await romeo.send(chat(witness.account, 'Hark!'));
  return { witness, subscription, romeo };
}

const afterBinding: Case<RequirementId> = {
  id: 'security/after-binding',
  title: 'an enable on a stream that is authenticated and bound is accepted',
  requirements: ['enable.result'],
  async play(stage) {
    const { subscription } = await enableOnRawStream(stage, stage.rawSession);
    await stage.pushed(subscription);
  },
  judge: (evidence) => [pushes(evidence, 'enable.result', 'juliet/phone', 1)],
};

/** A stream that is open and encrypted, as far as a client gets without credentials: an enable on anything less is no stanza. */
async function openUnauthenticated(stage: Stage, name: string): Promise<RawStream> {
  const raw = await stage.rawStream(name);
  await raw.send(
    `<?xml version='1.0'?><stream:stream to='${stage.domains[0]}' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>`,
  );
  await raw.read('the features of the stream', /<\/(?:\w+:)?features>/);
  return raw;
}

const beforeBinding: Case<RequirementId> = {
  id: 'security/before-authentication',
  title: 'an enable on a stream that is not authenticated is not processed',
  requirements: ['enable.before-binding'],
  negative: { sibling: 'security/after-binding', fault: 'the client has not authenticated' },
  absence: 'sentinel',
  async play(stage) {
    const { witness, romeo } = await enableOnRawStream(stage, (name) => openUnauthenticated(stage, name));
    await stage.fence.sentinel(witness.account, witness.subscription, romeo);
  },
  judge: (evidence) => [noPush(evidence, 'enable.before-binding', 'juliet/phone')],
};

const flood: Case<RequirementId> = {
  id: 'security/flood-of-enables',
  title: 'a flood of enables is answered with resource-constraint before it gets to a thousand',
  requirements: ['security.enable-flood'],
  async play(stage) {
    const phone = await stage.connect('juliet/phone');
    const subscription = stage.subscribe('juliet/phone');
    for (let attempt = 1; attempt <= 1000; attempt += 1) {
      const id = `enable-${attempt}`;
      const answer = await phone.request(
        enable(id, { ...fieldsOf(subscription), endpoint: `${subscription.endpoint}?${attempt}` }),
      );
      if (answer.attrs.type === 'error') return;
    }
  },
  judge(evidence) {
    const ids = evidence.stanzas('juliet/phone', 'received').map(({ element }) => String(element?.attrs.id));
    const last = ids.filter((id) => id.startsWith('enable-')).at(-1) ?? 'enable-1';
    return [
      refusal(evidence, 'security.enable-flood', 'juliet/phone', last, {
        type: 'wait',
        conditions: ['resource-constraint'],
      }),
    ];
  },
};

const noPushForEnable: Case<RequirementId> = {
  id: 'security/enable-alone',
  title: 'enabling alone causes no push',
  requirements: ['enable.no-push'],
  absence: 'sentinel',
  async play(stage) {
    const phone = await enabled(stage, 'juliet/phone');
    await phone.actor.close();
    await stage.fence.sentinel(phone.account, phone.subscription);
  },
  judge: (evidence) => [noPush(evidence, 'enable.no-push', 'juliet/phone')],
};

const newKeys: Case<RequirementId> = {
  id: 'security/new-keys-only',
  title: 'after an endpoint was enabled with new keys, pushes open with those and not with the old',
  requirements: ['enable.new-keys'],
  async play(stage) {
    const phone = await enabled(stage, 'juliet/phone');
    phone.subscription.rekey();
    await accept(phone.actor, fieldsOf(phone.subscription), 'renew');
    await phone.actor.close();
    const romeo = await stage.sender('romeo');
    await romeo.send(chat(phone.account, 'Hark!'));
    await stage.pushed(phone.subscription);
  },
  judge(evidence) {
    const [request] = evidence.requests('juliet/phone');
    const opened = request?.opened;
    return [
      check('enable.new-keys', opened?.ok === true && opened.keys === 'current', {
        expected: 'a push that opens with the new keys',
        actual:
          opened === undefined
            ? 'no push'
            : opened.ok
              ? `it opens with the ${opened.keys} keys`
              : opened.reason,
        evidence: request ? [request.seq] : [],
      }),
    ];
  },
};

export const cases = [
  otherName,
  rebinding,
  wrongName,
  enableForOneself,
  enableForAnother,
  disableForOneself,
  disableForAnother,
  noProbe,
  noEcho,
  afterBinding,
  beforeBinding,
  flood,
  noPushForEnable,
  newKeys,
];
