import type { Evidence } from '../judge/evidence.js';
import type { Finding } from '../judge/finding.js';
import type { HookName, TargetConfig, Trait } from '../target/target.js';
import type { FenceKind } from '../transcript/transcript.js';
import type { Stage } from './stage.js';

/** What a case needs of the target beyond being talked to. */
export interface Needs {
  /** Without one of these the case is not applicable. What `connect` is asked for counts without being named here. */
  readonly traits?: readonly Trait[];
  /** Without one of these the case is untestable. */
  readonly hooks?: readonly HookName[];
  /** The case plays on a server with this configuration, which no other case uses meanwhile. */
  readonly config?: TargetConfig;
}

/**
 * One case: a value. `R` is the union of the catalogue's ids, so that a case cannot name a sentence that does not exist.
 */
export interface Case<R extends string = string> {
  /** `area/topic`, lower case with dashes; the area is the folder. */
  readonly id: string;
  /** Reads as the requirement. */
  readonly title: string;
  /** The sentences it judges; every one gets at least one finding, and no other does. */
  readonly requirements: readonly [R, ...R[]];
  /** A case whose stimulus is wrong in exactly one way, and the case that is the same but for it. */
  readonly negative?: { readonly sibling: string; readonly fault: string };
  /** A case that claims something did not happen, and what proves it. */
  readonly absence?: FenceKind;
  readonly needs?: Needs;
  /** Acts, and waits for named events, never for time. Cases with the same function and needs are played once. */
  play(stage: Stage): Promise<void>;
  /** Pure: the same evidence gives the same findings. */
  judge(evidence: Evidence): readonly Finding[];
}
