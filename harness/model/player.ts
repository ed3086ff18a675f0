import type { Stage } from '../case/stage.js';
import type { Recorder } from '../transcript/transcript.js';
import { type Abilities, type Command, describeCommand, retryAfter } from './command.js';
import { createHands } from './hands.js';
import { createModel, type Disagreement } from './model.js';
import { createWatch } from './watch.js';

/** What a sequence is played with. */
export interface PlayerSetting {
  readonly stage: Stage;
  readonly recorder: Recorder;
  readonly abilities: Abilities;
  readonly maxDevices: number;
  /**
   * Lets the time for requests pass and proves that all the server had to send has come: a message to somebody apart from
   * the play has been pushed.
   *
   * @throws FenceLost
   */
  readonly fence: () => Promise<void>;
  /** Milliseconds after which an expected push counts as not coming, on a server whose clock cannot be moved. */
  readonly waitFor: (reached: () => Promise<boolean>) => Promise<boolean>;
  readonly signal: AbortSignal;
}

export interface Played {
  /** The steps that made sense, in words. */
  readonly steps: readonly string[];
  /** Absent when the server did what the text says. */
  readonly disagreement?: Disagreement;
}

/** A request may be on its way over a connection that is still being made, while a fence used one that was there. */
const fencesForAbsence = 6;

/** Plays a sequence on a server and holds what came against the model. */
export async function playCommands(setting: PlayerSetting, commands: readonly Command[]): Promise<Played> {
  const { stage, recorder, abilities, maxDevices, signal } = setting;
  const archiving = new Set<string>();
  const model = createModel({
    maxDevices,
    restTime: retryAfter * 1000,
    carbons: abilities.carbons,
    archives: (account) => archiving.has(account),
  });
  const watch = createWatch(recorder, model);
  const hands = createHands(setting, watch, model, archiving);
  const steps: string[] = [];
  /** The last fence was put up and nothing came before it. */
  let isQuiet = true;

  /** Until nothing is missing, or has been missing for long enough. */
  const settle = async (): Promise<Disagreement | undefined> => {
    for (let quiet = 0; quiet < fencesForAbsence; ) {
      if (signal.aborted) return undefined;
      const before = watch.seen();
      await setting.fence();
      const wrong = await watch.look();
      if (wrong) return wrong;
      isQuiet = watch.seen() === before;
      if (!model.missing()) break;
      quiet = isQuiet ? quiet + 1 : 0;
    }
    if (model.missing() && !abilities.clock)
      await setting.waitFor(async () => (await watch.look()) !== undefined || model.missing() === undefined);
    const wrong = (await watch.look()) ?? model.missing();
    model.settle();
    return wrong;
  };

  try {
    if (commands.some(({ type }) => type === 'change-key')) await hands.askForKey();
    for (const [step, command] of commands.entries()) {
      if (signal.aborted) break;
      if (!model.allows(command)) continue;
      steps.push(describeCommand(command));
      stage.mark(describeCommand(command));
      const early = await watch.look();
      if (early) return { steps, disagreement: early };
      if (causesPushes(command)) {
        model.apply(command, step);
        await hands.give(command, step);
      } else {
        await hands.give(command, step);
        // What came while the step was under way belongs to what was before.
        const late = await watch.look();
        if (late) return { steps, disagreement: late };
        model.apply(command, step);
      }
      if (isUnseen(command)) continue;
      if (reachesClients(command)) await hands.processed(model.live());
      if (isHasty(command)) {
        isQuiet = false;
        continue;
      }
      const disagreement = await settle();
      if (disagreement) return { steps, disagreement };
    }
    while (!isQuiet && !signal.aborted) {
      const disagreement = await settle();
      if (disagreement) return { steps, disagreement };
    }
    return { steps };
  } finally {
    hands.release();
  }
}

/** What comes while such a step is under way may be its doing; with others it is of what was before. */
function causesPushes({ type }: Command): boolean {
  return ['message', 'wait', 'lose', 'close', 'release', 'restart', 'crash'].includes(type);
}

/** Something is sent to clients for it, so that there is something to acknowledge. */
function reachesClients({ type }: Command): boolean {
  return !['disable', 'release', 'restart', 'crash', 'change-key'].includes(type);
}

function isHasty(command: Command): boolean {
  return command.type === 'message' && command.hasty;
}

/** The server learns nothing of the step, so that there is nothing to wait for. */
function isUnseen({ type }: Command): boolean {
  return type === 'answer' || type === 'doze';
}
