import { afterEach, expect, test } from 'vitest';
import { createAuthority } from '../harness/certificate/certificate.js';
import { createSenders } from '../harness/run/senders.js';
import { setStage } from '../harness/run/stage.js';
import { openSurroundings } from '../harness/run/surroundings.js';
import { embeddedTarget } from '../harness/target/embedded.js';
import type { HookName } from '../harness/target/target.js';
import { createRecorder } from '../harness/transcript/transcript.js';
import { chat } from '../suites/scene/webpush.js';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

test.each(['restart', 'crash'] as const)(
  'What a sender says right after a %s reaches the server, over a connection of its own',
  async (hook) => {
    const hooks: readonly HookName[] = [hook];
    const authority = await createAuthority();
    const { pushService, environment } = await openSurroundings(embeddedTarget, authority, 1);
    closing.push(() => pushService.close());
    const target = await embeddedTarget.start(environment, {}, hooks);
    closing.push(() => target.stop());
    const senders = createSenders(target, 7);
    closing.push(() => senders.close());
    const { stage, strike } = setStage({
      subject: { path: 'test/senders', needs: { hooks } },
      target,
      pushService,
      recorder: createRecorder('test/senders', () => target.now()),
      seed: 7,
      signal: new AbortController().signal,
      senders,
    });
    closing.push(strike);
    const juliet = await stage.account('juliet');
    const romeo = await stage.sender('romeo');
    for (const text of ['before', 'after', 'after that']) {
      await romeo.send(chat(juliet, text));
      await romeo.ping();
      await stage.hooks[hook]();
    }
    const phone = await stage.connect('juliet/phone');
    const said: (string | null)[] = [];
    for (let count = 0; count < 3; count += 1)
      said.push((await phone.receive('message', (stanza) => stanza.is('message'))).getChildText('body'));
    expect(said).toEqual(['before', 'after', 'after that']);
  },
);
