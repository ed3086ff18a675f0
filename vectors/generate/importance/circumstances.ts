import type { CircumstanceExpected, CircumstanceInput } from '../../kinds.js';
import { type Draft, negative, positive } from '../assemble.js';
import { ACCOUNT, message, PEER } from '../stanza-text.js';
import { chat, input, text } from './draft.js';

type CircumstanceDraft = Draft<CircumstanceInput, CircumstanceExpected>;

const circumstance = (stanza: string, direction: CircumstanceInput['direction']): CircumstanceInput => ({
  ...input(stanza, 'archived'),
  direction,
});
const toPeer = message({ from: `${ACCOUNT}/phone`, to: PEER }, text);
const toSelf = message({ from: `${ACCOUNT}/phone`, to: ACCOUNT }, text);
const toNamesake = message({ from: `${ACCOUNT}/phone`, to: 'juliet@montague.example' }, text);

export const circumstances: readonly CircumstanceDraft[] = [
  positive(
    'archived-incoming',
    'a message to the account is archived',
    circumstance(chat(text), 'incoming'),
    { push: true },
    { requirement: 'archive.other-devices' },
  ),
  positive(
    'archived-namesake',
    'a message of a namesake on another host is archived',
    circumstance(message({ from: 'juliet@montague.example/phone' }, text), 'incoming'),
    { push: true },
    { requirement: 'archive.namesake' },
  ),
  negative(
    'archived-outgoing',
    'archived-incoming',
    'a device of the account sent it',
    'archive.outgoing',
    circumstance(chat(text), 'outgoing'),
    { push: false },
  ),
  positive(
    'archived-to-peer',
    'a message of the account to somebody else is archived',
    circumstance(toPeer, 'outgoing'),
    { push: false },
    { requirement: 'archive.outgoing' },
  ),
  positive(
    'archived-to-self',
    'a message of the account to itself is archived',
    circumstance(toSelf, 'incoming'),
    { push: false },
    { requirement: 'archive.outgoing' },
  ),
  positive(
    'archived-to-namesake',
    'a message of the account to a namesake on another host is archived',
    circumstance(toNamesake, 'outgoing'),
    { push: false },
    { requirement: 'archive.namesake' },
  ),
];
