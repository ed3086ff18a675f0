import type { RequirementId } from '../../../suites/requirements/catalogue.js';
import type { ImportanceExpected, ImportanceInput } from '../../kinds.js';
import { type Draft, negative, positive } from '../assemble.js';
import { ACCOUNT, body, element, hint, message, ROOM } from '../stanza-text.js';

export type ImportanceDraft = Draft<ImportanceInput, ImportanceExpected>;
type Trigger = ImportanceInput['trigger'];
type Kind = NonNullable<ImportanceExpected['kind']>;

/** Under which the account is in the room. */
export const OWN_NICK = `${ROOM}/julie`;

export function input(stanza: string, trigger: Trigger = 'offline'): ImportanceInput {
  return { stanza, account: ACCOUNT, trigger, ownOccupants: [OWN_NICK] };
}

interface Pushed {
  readonly kind?: Kind;
  readonly encrypted?: boolean;
  readonly trigger?: Trigger;
}

/** A stanza that is pushed. */
export function important(
  name: string,
  title: string,
  requirement: RequirementId,
  rule: string,
  stanza: string,
  { kind = 'message', encrypted = false, trigger }: Pushed = {},
): ImportanceDraft {
  return positive(
    name,
    title,
    input(stanza, trigger),
    { importance: 'important', kind, encrypted, rule },
    { requirement },
  );
}

/** A stanza that is not pushed, for its one fault. */
export function unimportant(
  name: string,
  sibling: string,
  fault: string,
  requirement: RequirementId,
  rule: string,
  stanza: string,
  trigger?: Trigger,
): ImportanceDraft {
  return negative(name, sibling, fault, requirement, input(stanza, trigger), {
    importance: 'unimportant',
    rule,
  });
}

/** A stanza as it is met in the field, which differs from what is pushed in more than one thing. */
export function asMet(
  name: string,
  title: string,
  requirement: RequirementId,
  rule: string,
  stanza: string,
): ImportanceDraft {
  return positive(name, title, input(stanza), { importance: 'unimportant', rule }, { requirement });
}

/** What the text leaves to the server. */
export function open(
  name: string,
  title: string,
  requirement: RequirementId | undefined,
  stanza: string,
): ImportanceDraft {
  return positive(
    name,
    title,
    input(stanza),
    { importance: 'either' },
    requirement === undefined ? {} : { requirement },
  );
}

// Parts that several kinds of stanzas have.

export const text = body('Wherefore art thou?');
export const chat = (...content: readonly string[]) => message({}, ...content);
export const groupchat = (attributes: Readonly<Record<string, string>>, ...content: readonly string[]) =>
  message({ type: 'groupchat', from: `${ROOM}/mercutio`, ...attributes }, ...content);
export const store = hint('store');
export const reason = element('reason', {}, 'The lark sings here.');
export const REACTIONS = 'urn:xmpp:reactions:0';
export const reaction = element('reactions', { xmlns: REACTIONS, id: 'm1' }, element('reaction', {}, '👋'));
/** What is pushed of an encrypted message. */
export const e2e: Pushed = { encrypted: true };
/** A message that went to another device of the account. */
export const copied = (...content: readonly string[]) => message({ to: `${ACCOUNT}/phone` }, ...content);
