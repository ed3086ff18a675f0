import type { Case } from '../../harness/case/case.js';
import type { RequirementId } from '../requirements/catalogue.js';
import { keepMessages } from '../scene/archive.js';
import { proposeCall } from '../scene/calls.js';
import { noPush, pushes } from '../scene/judge.js';
import { type Device, enabled } from '../scene/scene.js';
import { acknowledgeAll, resumed, tellOnce } from '../scene/steps.js';
import { chat } from '../scene/webpush.js';

/** One browser with two tabs: two sessions, one subscription. */
const browser = 'juliet/browser';

type TabState = 'live' | 'resumed' | 'hibernating' | 'gone';

const isLive = (state: TabState | undefined) => state === 'live' || state === 'resumed';

interface TabsCase {
  readonly id: string;
  readonly title: string;
  readonly tabs: readonly [TabState, TabState];
  /** A call is not batched, so that nothing can hide that both sessions told it. */
  readonly stanza?: typeof proposeCall;
}

/** A message while the tabs are in these states: one push, or none while either is live. */
function tabs({ id, title, tabs: states, stanza }: TabsCase): Case<RequirementId> {
  const suppressed = states.some(isLive);
  return {
    id: `sessions/${id}`,
    title,
    requirements: ['sessions.same-endpoint'],
    absence: 'sentinel',
    async play(stage) {
      const subscription = stage.subscribe(browser);
      const devices: Device[] = [];
      for (const name of ['juliet/tab-1', 'juliet/tab-2']) {
        devices.push(await enabled(stage, name, { streamManagement: 'resumable', subscription }));
      }
      const account = await stage.account('juliet');
      const romeo = await stage.sender('romeo');
      for (const [index, device] of devices.entries()) {
        const { actor } = device;
        if (index === 0) await keepMessages(actor);
        if (states[index] === 'gone') await actor.close();
        if (states[index] === 'hibernating' || states[index] === 'resumed') await actor.lose();
        if (states[index] === 'resumed') await resumed(device);
      }
      const sent = stanza?.(account) ?? chat(account, 'Hark!');
      if (!suppressed) return tellOnce(stage, { account, subscription }, romeo, sent);
      await romeo.send(sent);
      await romeo.ping();
      // The sentinel is pushed when the last live tab has left.
      for (const [index, { actor }] of devices.entries()) {
        if (!isLive(states[index])) continue;
        await acknowledgeAll(actor);
        await actor.close();
      }
      await stage.fence.sentinel(account, subscription, romeo);
    },
    judge: (evidence) => [
      suppressed
        ? noPush(evidence, 'sessions.same-endpoint', browser)
        : pushes(evidence, 'sessions.same-endpoint', browser, 1),
    ],
  };
}

export const cases = [
  tabs({
    id: 'tabs-gone',
    title: 'a browser whose two tabs are gone is told once',
    tabs: ['gone', 'gone'],
  }),
  tabs({
    id: 'tabs-hibernating',
    title: 'a browser whose two tabs hibernate is told once',
    tabs: ['hibernating', 'hibernating'],
  }),
  tabs({
    id: 'tabs-hibernating-call',
    title: 'a browser whose two tabs hibernate is told once of a call',
    tabs: ['hibernating', 'hibernating'],
    stanza: proposeCall,
  }),
  tabs({
    id: 'tab-gone-tab-hibernating',
    title: 'a browser with one tab gone and one that hibernates is told once',
    tabs: ['gone', 'hibernating'],
  }),
  tabs({
    id: 'tab-live-tab-gone',
    title: 'a browser with one tab gone is not told while the other is live',
    tabs: ['live', 'gone'],
  }),
  tabs({
    id: 'tab-live-tab-hibernating',
    title: 'a browser with one tab that hibernates is not told while the other is live',
    tabs: ['live', 'hibernating'],
  }),
  tabs({
    id: 'tab-resumed-tab-hibernating',
    title: 'a browser with one tab that hibernates is not told once the other was resumed',
    tabs: ['resumed', 'hibernating'],
  }),
];
