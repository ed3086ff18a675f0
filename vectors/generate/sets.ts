import type { SetName, VectorFile } from '../vector.js';
import { disco } from './disco.js';
import { importance } from './importance/importance.js';
import { payload } from './payload/payload.js';
import { rfc8188 } from './rfc8188.js';
import { rfc8291 } from './rfc8291/rfc8291.js';
import { rfc8292 } from './rfc8292/rfc8292.js';
import { stanza } from './stanza.js';
import { subscription } from './subscription.js';

/** What makes each set. */
export const makers: Readonly<Record<SetName, () => VectorFile>> = {
  rfc8188,
  rfc8291,
  rfc8292,
  subscription,
  stanza,
  importance,
  disco,
  payload,
};
