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

/** What a case varies: names of one word, each with the values it takes, the usual one first. */
export type Dimensions = Readonly<Record<string, readonly string[]>>;

/** One value for each thing that varies. */
export type Choice<V extends Dimensions = Dimensions> = { readonly [Name in keyof V]: V[Name][number] };

/** A case whose stimulus is wrong in exactly one way. */
export interface Negative {
  /** The case that is the same but for the fault, with the same choice where both vary. */
  readonly sibling: string;
  readonly fault: string;
  /** What varies without its sibling, since its values are the forms that the fault takes. */
  readonly across?: string;
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
  readonly negative?: Negative;
  /** A case that claims something did not happen, and what proves it. */
  readonly absence?: FenceKind;
  /** Circumstances of the same case, under each of which its claim must hold: see `varied`. */
  readonly vary?: Dimensions;
  readonly needs?: Needs;
  /** What a choice needs beside that. */
  needsFor?(choice: Choice): Needs;
  /**
   * Acts, and waits for named events, never for time. Cases with the same function, choice and needs are played once.
   */
  play(stage: Stage, choice: Choice): Promise<void>;
  /** Pure: the same evidence gives the same findings. */
  judge(evidence: Evidence, choice: Choice): readonly Finding[];
}

/** A case that varies something, written so that the compiler knows names and values. */
export interface Varied<R extends string, V extends Dimensions>
  extends Omit<Case<R>, 'vary' | 'needsFor' | 'play' | 'judge'> {
  readonly vary: V;
  needsFor?(choice: Choice<V>): Needs;
  play(stage: Stage, choice: Choice<V>): Promise<void>;
  judge(evidence: Evidence, choice: Choice<V>): readonly Finding[];
}

/** Makes a case of one that varies something. */
export function varied<R extends string, const V extends Dimensions>(subject: Varied<R, V>): Case<R> {
  return subject;
}
