import xml, { type Element } from '@xmpp/xml';
import type { Actor } from '../../harness/actor/actor.js';
import type { Stage } from '../../harness/case/stage.js';
import type { Evidence } from '../../harness/judge/evidence.js';
import { TargetFault } from '../../harness/target/fault.js';

const archive = 'urn:xmpp:mam:2';

/**
 * Has the server keep every message (XEP-0441 §2), as some only do when asked. Many keep them anyway and have no
 * preferences, so the answer does not matter.
 */
export async function keepMessages(actor: Actor): Promise<void> {
  await actor.request(preferences('always'));
}

/** Has the server keep no message. Where that cannot be had, there is nothing to judge. */
export async function keepNoMessages(actor: Actor, stage: Pick<Stage, 'requires'>): Promise<void> {
  stage.requires('archive-preferences');
  const answer = await actor.request(preferences('never'));
  if (answer.attrs.type !== 'result') {
    throw new TargetFault('refused', `the server takes no preferences for the archive: ${answer.toString()}`);
  }
}

function preferences(usual: 'always' | 'never'): Element {
  return xml(
    'iq',
    { type: 'set', id: 'preferences' },
    xml('prefs', { xmlns: archive, default: usual }, xml('always'), xml('never')),
  );
}

/** Reads the own archive (XEP-0313 §4); what it holds is in the transcript then. */
export async function readArchive(actor: Actor): Promise<Element> {
  return actor.request(
    xml('iq', { type: 'set', id: 'archive' }, xml('query', { xmlns: archive, queryid: 'all' })),
  );
}

/** The archive's id for the message whose body is `text`, as `actor` read it; undefined when it is not there. */
export function archiveIdOf(evidence: Evidence, actor: string, text: string): string | undefined {
  for (const { element } of evidence.stanzas(actor, 'received')) {
    const result = element?.getChild('result', archive);
    const kept = result?.getChild('forwarded', 'urn:xmpp:forward:0')?.getChild('message');
    if (kept?.getChildText('body') === text) return String(result?.attrs.id);
  }
  return undefined;
}
