import { p256 } from '@noble/curves/nist.js';
import type { Element } from '@xmpp/xml';
import { type Case, varied } from '../../harness/case/case.js';
import type { Stage } from '../../harness/case/stage.js';
import { check } from '../../harness/judge/check.js';
import type { Evidence } from '../../harness/judge/evidence.js';
import type { Finding } from '../../harness/judge/finding.js';
import type { RequirementId } from '../requirements/catalogue.js';
import { answerTo, exchange } from '../scene/judge.js';
import {
  advertisedKey,
  by,
  connections,
  discoInfo,
  discoInfoNamespace,
  fieldValue,
  keyFormType,
  webpushNamespace,
} from '../scene/webpush.js';

/** The key in the source of the 2019 experiment: everybody has its private half. */
const publishedKey =
  'BIcWaW_MiFXP9oTXrBixgMRGpMmMtDKhHrY4C-wSDpvMm4VSsWqSqjV41yfjTjuf29GdFLgYPx8pxp39MSijYQU';

const unpadded = /^[A-Za-z0-9_-]+$/;

interface DiscoveryCase {
  readonly id: string;
  readonly title: string;
  readonly requirement: RequirementId;
  /** From Juliet's answer about her own account: what is expected, and what is there. */
  readonly judge: (answer: Element) => {
    readonly met: boolean;
    readonly expected: string;
    readonly actual: string;
  };
}

async function askedByOwner(
  stage: Stage,
  { connection }: { readonly connection: (typeof connections)[number] },
): Promise<void> {
  const juliet = await stage.connect('juliet/phone', by(connection));
  await juliet.request(discoInfo('disco', juliet.bareJid));
}

/** Juliet asks about her own account, once; the case is about what the answer says. */
function owner({ id, title, requirement, judge }: DiscoveryCase): Case<RequirementId> {
  return varied({
    id: `discovery/${id}`,
    title,
    requirements: [requirement],
    vary: { connection: connections },
    play: askedByOwner,
    judge(evidence) {
      const answer = answerTo(evidence, 'juliet/phone', 'disco')?.element;
      const observed = answer
        ? judge(answer)
        : { met: false, expected: 'an answer to disco#info of the own account', actual: 'no answer' };
      return [
        check(requirement, observed.met, {
          ...observed,
          evidence: exchange(evidence, 'juliet/phone', 'disco'),
        }),
      ];
    },
  });
}

const listsFeature = (answer: Element): boolean =>
  (answer.getChild('query', discoInfoNamespace)?.getChildren('feature') ?? []).some(
    (feature) => feature.attrs.var === webpushNamespace,
  );

const keyForms = (answer: Element): Element[] =>
  (answer.getChild('query', discoInfoNamespace)?.getChildren('x', 'jabber:x:data') ?? []).filter(
    (form) => fieldValue(form, 'FORM_TYPE') === keyFormType,
  );

function isOnCurve(key: string): boolean {
  try {
    p256.Point.fromBytes(Buffer.from(key, 'base64url')).assertValidity();
    return true;
  } catch {
    return false;
  }
}

const owners = [
  owner({
    id: 'feature',
    title: 'the owner of an account finds the feature on its bare JID',
    requirement: 'discovery.feature',
    judge: (answer) => ({
      met: listsFeature(answer),
      expected: `the feature ${webpushNamespace}`,
      actual: listsFeature(answer) ? 'it is listed' : 'it is not listed',
    }),
  }),
  owner({
    id: 'form',
    title: 'the answer has exactly one form with the application server key',
    requirement: 'discovery.form',
    judge(answer) {
      const forms = keyForms(answer);
      const [form] = forms;
      const key = form && fieldValue(form, 'webpush#public-key');
      return {
        met: forms.length === 1 && form?.attrs.type === 'result' && key !== undefined,
        expected: `one form ${keyFormType} of type result with a field webpush#public-key`,
        actual: `${forms.length} such forms${form ? ` of type ${form.attrs.type}, the field is ${key === undefined ? 'missing' : 'there'}` : ''}`,
      };
    },
  }),
  owner({
    id: 'key-encoding',
    title: 'the key is 65 octets of an uncompressed point in base64url without padding',
    requirement: 'discovery.key-encoding',
    judge(answer) {
      const key = advertisedKey(answer) ?? '';
      const octets = Buffer.from(key, 'base64url');
      return {
        met:
          unpadded.test(key) &&
          octets.length === 65 &&
          octets[0] === 4 &&
          octets.toString('base64url') === key,
        expected: '87 characters of base64url without padding: 65 octets, the first of them 0x04',
        actual: describeKey(key, octets),
      };
    },
  }),
  owner({
    id: 'key-on-curve',
    title: 'the key is a point on P-256',
    requirement: 'discovery.key-on-curve',
    judge(answer) {
      const key = advertisedKey(answer) ?? '';
      return {
        met: isOnCurve(key),
        expected: 'a point on the curve P-256',
        actual: isOnCurve(key) ? 'it is one' : `"${key}" is none`,
      };
    },
  }),
  owner({
    id: 'key-not-published',
    title: 'the key is not the one everybody has the private half of',
    requirement: 'discovery.key-not-published',
    judge(answer) {
      const octets = Buffer.from(advertisedKey(answer) ?? '', 'base64');
      const isPublished = octets.subarray(-65).toString('base64url') === publishedKey;
      return {
        met: octets.length > 0 && !isPublished,
        expected: 'a key of the server’s own',
        actual: isPublished ? 'the key in the source of the 2019 experiment' : 'another key',
      };
    },
  }),
];

function describeKey(key: string, octets: Buffer): string {
  if (key === '') return 'no key';
  if (octets.length === 91 && octets[0] === 0x30) {
    return 'a SubjectPublicKeyInfo structure of 91 octets, as in the 2019 experiment: publish the point alone';
  }
  if (/^[0-9a-f]+$/i.test(key)) return 'hexadecimal text, as in the 2019 experiment';
  return `"${key}": ${key.length} characters, ${octets.length} octets, the first 0x${(octets[0] ?? 0).toString(16).padStart(2, '0')}`;
}

/** The keys in the answers to these queries are there and all the same. */
function sameKey(
  evidence: Evidence,
  requirement: RequirementId,
  queries: readonly (readonly [actor: string, id: string])[],
): Finding {
  const keys = queries.map(([actor, id]) => {
    const answer = answerTo(evidence, actor, id)?.element;
    return answer && advertisedKey(answer);
  });
  return check(requirement, keys[0] !== undefined && new Set(keys).size === 1, {
    expected: 'one key in every answer',
    actual: keys.map((key) => key ?? 'no key').join(', '),
    evidence: queries.flatMap(([actor, id]) => exchange(evidence, actor, id)),
  });
}

const stable: Case<RequirementId> = {
  id: 'discovery/key-stable',
  title: 'two queries in one session and one in another give the same key',
  requirements: ['discovery.key-stable'],
  async play(stage) {
    const phone = await stage.connect('juliet/phone');
    await phone.request(discoInfo('first', phone.bareJid));
    await phone.request(discoInfo('second', phone.bareJid));
    const tablet = await stage.connect('juliet/tablet');
    await tablet.request(discoInfo('third', tablet.bareJid));
  },
  judge: (evidence) => [
    sameKey(evidence, 'discovery.key-stable', [
      ['juliet/phone', 'first'],
      ['juliet/phone', 'second'],
      ['juliet/tablet', 'third'],
    ]),
  ],
};

const afterResumption: Case<RequirementId> = {
  id: 'discovery/after-resumption',
  title: 'the key can be asked for again after the stream was resumed',
  requirements: ['discovery.repeatable'],
  async play(stage) {
    const phone = await stage.connect('juliet/phone', { streamManagement: 'resumable' });
    await phone.request(discoInfo('before', phone.bareJid));
    await phone.lose();
    await phone.resume();
    await phone.request(discoInfo('after', phone.bareJid));
  },
  judge: (evidence) => [
    sameKey(evidence, 'discovery.repeatable', [
      ['juliet/phone', 'before'],
      ['juliet/phone', 'after'],
    ]),
  ],
};

const stranger: Case<RequirementId> = {
  id: 'discovery/stranger',
  title: 'a stranger learns neither feature nor key from the account',
  requirements: ['discovery.owner-only'],
  negative: { sibling: 'discovery/feature', fault: 'it is not the owner who asks' },
  async play(stage) {
    const juliet = await stage.account('juliet');
    const romeo = await stage.connect('romeo/desk');
    await romeo.request(discoInfo('disco', juliet.bareJid));
  },
  judge(evidence) {
    const answer = answerTo(evidence, 'romeo/desk', 'disco')?.element;
    const tells = answer !== undefined && (listsFeature(answer) || keyForms(answer).length > 0);
    return [
      check('discovery.owner-only', answer !== undefined && !tells, {
        expected: 'an answer without feature and form',
        actual: answer === undefined ? 'no answer' : tells ? 'the feature or the form' : 'neither',
        evidence: exchange(evidence, 'romeo/desk', 'disco'),
      }),
    ];
  },
};

const off: Case<RequirementId> = {
  id: 'discovery/switched-off',
  title: 'a server with Web Push switched off does not advertise it',
  requirements: ['discovery.not-when-off'],
  negative: { sibling: 'discovery/feature', fault: 'Web Push is switched off' },
  needs: { config: { push: false } },
  async play(stage) {
    const juliet = await stage.connect('juliet/phone');
    await juliet.request(discoInfo('disco', juliet.bareJid));
  },
  judge(evidence) {
    const answer = answerTo(evidence, 'juliet/phone', 'disco')?.element;
    const tells = answer !== undefined && (listsFeature(answer) || keyForms(answer).length > 0);
    return [
      check('discovery.not-when-off', answer !== undefined && !tells, {
        expected: 'an answer without feature and form',
        actual: answer === undefined ? 'no answer' : tells ? 'the feature or the form' : 'neither',
        evidence: exchange(evidence, 'juliet/phone', 'disco'),
      }),
    ];
  },
};

const perHost: Case<RequirementId> = {
  id: 'discovery/key-per-host',
  title: 'accounts of one virtual host have one key, those of another host another',
  requirements: ['discovery.key-per-host'],
  needs: { traits: ['second-domain'] },
  async play(stage) {
    const juliet = await stage.connect('juliet/phone');
    await juliet.request(discoInfo('disco', juliet.bareJid));
    const nurse = await stage.connect('nurse/desk');
    await nurse.request(discoInfo('disco', nurse.bareJid));
    await stage.account('romeo', { domain: 1 });
    const romeo = await stage.connect('romeo/desk');
    await romeo.request(discoInfo('disco', romeo.bareJid));
  },
  judge(evidence) {
    const [juliet, nurse, romeo] = ['juliet/phone', 'nurse/desk', 'romeo/desk'].map((actor) => {
      const answer = answerTo(evidence, actor, 'disco')?.element;
      return answer && advertisedKey(answer);
    });
    return [
      check('discovery.key-per-host', juliet !== undefined && juliet === nurse && juliet !== romeo, {
        expected: 'one key for Juliet and the nurse, another for Romeo on the second host',
        actual: [juliet, nurse, romeo].map((key) => key ?? 'no key').join(', '),
        evidence: ['juliet/phone', 'nurse/desk', 'romeo/desk'].flatMap((actor) =>
          exchange(evidence, actor, 'disco'),
        ),
      }),
    ];
  },
};

export const cases = [...owners, stable, afterResumption, stranger, off, perHost];
