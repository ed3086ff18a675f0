import type { Element } from '@xmpp/xml';
import { SM } from '../actor/stream-management.js';
import type { RunningTarget, Trait } from '../target/target.js';
import type { Answered } from './support.js';

/** Why a target has not got a trait, for each that it lacks. */
export type Lacks = ReadonlyMap<Trait, string>;

/** What a server says about itself. */
export interface SelfDescription {
  /** Features of its streams after the login. */
  readonly stream: Element;
  /** Features in disco#info of an account and of the virtual host. */
  readonly features: ReadonlySet<string>;
  /** A session could be enabled that can be resumed (XEP-0198 §5). */
  readonly isResumable: boolean;
  /** The answer to a request for the roster (RFC 6121 §2.1.3), and for the preferences of the archive (XEP-0441 §2). */
  readonly roster: Answered;
  readonly preferences: Answered;
}

/** What the target has not got: by what its file says, else by what it says about itself. */
export function lacksOf(
  target: Pick<RunningTarget, 'traits' | 'domains' | 'roomsDomain' | 'address'>,
  server: SelfDescription,
): Lacks {
  const seen: readonly (readonly [Trait, has: boolean, otherwise: string])[] = [
    ['second-domain', target.domains.length > 1, 'it serves one domain'],
    ['rooms', target.roomsDomain !== undefined, 'no service for rooms is named'],
    ['websocket', target.address.websocket !== undefined, 'no address for WebSocket is named'],
    ['stream-management', server.stream.getChild('sm', SM) !== undefined, `its streams do not offer ${SM}`],
    ['resumption', server.isResumable, `no session can be resumed by ${SM}`],
    ['carbons', ...listed(server, 'urn:xmpp:carbons:2')],
    [
      'client-state',
      server.stream.getChild('csi', 'urn:xmpp:csi:0') !== undefined,
      'its streams do not offer urn:xmpp:csi:0',
    ],
    ['archive', ...listed(server, 'urn:xmpp:mam:2')],
    ['archive-preferences', isResult(server.preferences), 'it takes no preferences for the archive'],
    ['offline-storage', ...listed(server, 'msgoffline')],
    ['roster', isResult(server.roster), 'it gives out no roster'],
    ['blocking', ...listed(server, 'urn:xmpp:blocking')],
  ];
  return new Map(
    seen.flatMap(([trait, has, otherwise]) => {
      const told = target.traits?.[trait];
      if (told ?? has) return [];
      return [
        [trait, `the target has no ${trait}: ${told === undefined ? otherwise : 'so its description says'}`],
      ];
    }),
  );
}

function listed({ features }: SelfDescription, feature: string): readonly [has: boolean, otherwise: string] {
  return [features.has(feature), `disco#info does not list ${feature}`];
}

function isResult(answer: Answered): boolean {
  return !('missing' in answer) && answer.attrs.type === 'result';
}
