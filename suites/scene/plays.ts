import type { Element } from '@xmpp/xml';
import type { Needs } from '../../harness/case/case.js';
import type { Account, Sender, Stage } from '../../harness/case/stage.js';
import { proposeCall } from './calls.js';
import { type Device, enabled, enabledAndGone, roleOf } from './scene.js';
import { chat, discoInfo, type EnableFields } from './webpush.js';

/** What happens in a case that looks at nothing but the requests it causes. */
export interface Play {
  readonly needs?: Needs;
  /** How many requests come at least; with fewer there is too little to judge. */
  readonly requests: number;
  readonly act: (stage: Stage) => Promise<void>;
}

const phone = 'juliet/phone';
const sender = 'romeo/desk';
const textWanted = { body: true };

interface OneOptions {
  readonly payload?: NonNullable<EnableFields['payload']>;
  /** What the endpoint has after its path. */
  readonly query?: string;
  /** Who sends. Default: Romeo. */
  readonly from?: string;
}

/** Juliet's phone is gone, and somebody sends her one thing. */
export function one(stanza: (juliet: Account) => Element, options: OneOptions = {}): Play {
  const { payload, query, from = sender } = options;
  return {
    requests: 1,
    async act(stage) {
      const subscription = stage.subscribe(phone, query === undefined ? {} : { query });
      const juliet = await enabledAndGone(stage, phone, { subscription, ...(payload ? { payload } : {}) });
      const romeo = await stage.sender(roleOf(from));
      await romeo.send(stanza(juliet.account));
      await stage.pushed(subscription);
    },
  };
}

export const oneMessage = one((juliet) => chat(juliet, 'Hark!'));

export const oneCall = one(proposeCall);

/** From somebody whose name alone is longer than a Topic may be. */
export const oneFromLongName = one((juliet) => chat(juliet, 'Hark!'), {
  from: 'romeo-only-son-and-heir-of-montague-of-verona/desk',
});

const speech = 'Love goes toward love as schoolboys from their books, but love from love toward school. ';

/** As much text as makes a payload full, and some more. */
export const longText = one((juliet) => chat(juliet, speech.repeat(50)), { payload: textWanted });

/** Characters of one to four octets, and one made of several characters. */
export const manyScripts = one((juliet) => chat(juliet, 'Je t’aime, Ромео, 羅密歐 🌹👩‍❤️‍👨'), {
  payload: textWanted,
});

/** A push resource with its capability in the query, and with what a tidy reader of URLs would write differently. */
export const quaintUrl = one((juliet) => chat(juliet, 'Hark!'), {
  query: '?token=a%2fb%2Bc%7e~%20&&x=%C3%A4;y=+..%2F../&empty=',
});

/** Two devices of one account, told of the same message. */
export const twoDevices: Play = {
  requests: 2,
  async act(stage) {
    const devices = await allGone(stage, phone, 'juliet/tablet');
    await tellAll(stage, await stage.sender(roleOf(sender)), devices, 1);
  },
};

/** One browser with two accounts: the same endpoint and keys, one message for each. */
export const twoAccounts: Play = {
  requests: 2,
  async act(stage) {
    const subscription = stage.subscribe(phone);
    const romeo = await stage.sender(roleOf(sender));
    for (const [index, name] of [phone, 'nurse/phone'].entries()) {
      const { account } = await enabledAndGone(stage, name, { subscription });
      await romeo.send(chat(account, 'Hark!'));
      await stage.pushed(subscription, index + 1);
    }
  },
};

/**
 * Four devices, five messages: what goes wrong once in 256 times, when an octet happens to be zero, has twenty chances,
 * and whatever should be new for each of them can be seen to be.
 */
export const manyPushes: Play = {
  requests: 20,
  async act(stage) {
    const devices = await allGone(stage, phone, 'juliet/tablet', 'juliet/desk', 'juliet/watch');
    await tellAll(stage, await stage.sender(roleOf(sender)), devices, 5);
  },
};

/** A browser whose keys begin with octets of zero: what goes wrong with one in 256 of them, goes wrong here. */
export const keysWithZeros: Play = {
  requests: 1,
  async act(stage) {
    const subscription = stage.subscribe(phone, { leadingZeros: true });
    const juliet = await enabledAndGone(stage, phone, { subscription });
    const romeo = await stage.sender(roleOf(sender));
    await romeo.send(chat(juliet.account, 'Hark!'));
    await stage.pushed(subscription);
  },
};

/** Two devices, three messages right after another. */
export const shortWhile: Play = {
  requests: 6,
  async act(stage) {
    const devices = await allGone(stage, phone, 'juliet/tablet');
    await tellAll(stage, await stage.sender(roleOf(sender)), devices, 3);
  },
};

/** The phone at the push service's usual name, the tablet at another: two origins. */
export const twoOrigins = atHosts(undefined, 'second.push.conformance.test');

/** At a host that nobody was told through before, so that the server cannot have a token for it. */
export const newOrigin = atHosts('unheard-of.push.conformance.test');

/** At a host whose name is not English: bücher, as browsers write it. */
export const internationalHost = atHosts('xn--bcher-kva.push.conformance.test');

function atHosts(...hosts: readonly (string | undefined)[]): Play {
  return {
    needs: { hooks: ['resolveName', 'allowHost'] },
    requests: hosts.length,
    async act(stage) {
      const devices: Device[] = [];
      for (const [index, host] of hosts.entries()) {
        const name = index === 0 ? phone : `juliet/device-${index + 1}`;
        if (host !== undefined) {
          await stage.hooks.resolveName(host, '127.0.0.1');
          await stage.hooks.allowHost(host);
        }
        const subscription = stage.subscribe(name, host === undefined ? {} : { host });
        devices.push(await enabledAndGone(stage, name, { subscription }));
      }
      await tellAll(stage, await stage.sender(roleOf(sender)), devices, 1);
    },
  };
}

const hour = 3_600_000;

/** A message, and another each time so many hours have passed. Romeo comes anew, for no stream rests so long. */
export function everyHours(hours: number, times: number): Play {
  return {
    needs: { hooks: ['advanceClock'] },
    requests: times + 1,
    async act(stage) {
      const devices = await allGone(stage, phone);
      for (let count = 0; count <= times; count += 1) {
        if (count > 0) await stage.hooks.advanceClock(hours * hour);
        const romeo = await stage.connect(sender, { presence: 'none' });
        const told = await tellAll(stage, romeo, devices, 1, count);
        await romeo.close();
        if (!told) return;
      }
    },
  };
}

/** Asks for the application server key as a browser must, before it subscribes; then one message. */
export const keyAsked: Play = { requests: 1, act: (stage) => withKeyAsked(stage, phone) };

/** The same for two accounts of different hosts, which may have different keys. */
export const keysAsked: Play = {
  needs: { traits: ['second-domain'] },
  requests: 2,
  async act(stage) {
    await stage.account('nurse', { domain: 1 });
    await withKeyAsked(stage, phone);
    await withKeyAsked(stage, 'nurse/phone');
  },
};

async function withKeyAsked(stage: Stage, name: string): Promise<void> {
  const asking = await stage.connect(name, { presence: 'none' });
  await asking.request(discoInfo('disco', asking.bareJid));
  await asking.close();
  await tellAll(stage, await stage.sender(roleOf(sender)), await allGone(stage, name), 1);
}

/** Devices of one account, all of which enable before they leave. */
async function allGone(stage: Stage, ...names: readonly string[]): Promise<readonly Device[]> {
  const devices: Device[] = [];
  for (const name of names) devices.push(await enabled(stage, name, { presence: 'none' }));
  for (const { actor } of devices) await actor.close();
  return devices;
}

/**
 * Sends so many messages, each when all devices have been told of the one before it.
 *
 * @param before pushes each device has had already.
 */
async function tellAll(
  stage: Stage,
  romeo: Sender,
  devices: readonly Device[],
  messages: number,
  before = 0,
): Promise<boolean> {
  const [first] = devices;
  if (!first) return false;
  for (let count = 1; count <= messages; count += 1) {
    await romeo.send(chat(first.account, `Hark! ${count}`));
    for (const { subscription } of devices)
      if (!(await stage.pushed(subscription, before + count))) return false;
  }
  return true;
}
