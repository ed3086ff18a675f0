import fc from 'fast-check';
import type { Answer, Browser, Client, Command, MessageKind } from './command.js';

/** The most steps after the first enables: a login is the dearest of them, and what takes more steps to show is rare. */
const longest = 10;

/** Mostly one device, so that what a step leads to is met by the next. */
const client = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Client>('juliet/phone') },
  { weight: 3, arbitrary: fc.constant<Client>('juliet/tablet') },
  { weight: 1, arbitrary: fc.constantFrom<Client>('juliet/laptop', 'nurse/phone') },
);
const browser = fc.constantFrom<Browser>('phone', 'phone', 'tablet', 'laptop');
const management = fc.constantFrom<'none' | 'resumable'>('resumable', 'resumable', 'none');
const kind = fc.oneof(
  { weight: 8, arbitrary: fc.constant<MessageKind>('chat') },
  {
    weight: 5,
    arbitrary: fc.constantFrom<MessageKind>(
      'call',
      'omemo',
      'omemo-empty',
      'chat-state',
      'headline',
      'correction',
      'error',
    ),
  },
);
const to = fc.oneof(
  { weight: 6, arbitrary: fc.constant<'juliet'>('juliet') },
  { weight: 1, arbitrary: fc.constant<'nurse'>('nurse') },
  { weight: 2, arbitrary: client },
);
const answer = fc.constantFrom<Answer>(404, 410, 429, 503, 'held-201', 'held-404');

export interface Possible {
  readonly restart: boolean;
  /** The server's time can be moved, so that steps can fall within its batch window, and days pass. */
  readonly clock: boolean;
}

const of = <T extends Command['type']>(type: T) => fc.constant(type);

/** Sequences of steps. Whether each makes sense where it stands is for the model to say. */
export function commandsFor({ restart, clock }: Possible): fc.Arbitrary<readonly Command[]> {
  const enable = fc.record({
    type: of('enable'),
    client,
    management,
    keys: fc.constantFrom<'same' | 'new'>('same', 'same', 'new'),
  });
  const step = (weight: number, arbitrary: fc.Arbitrary<Command>) => ({ weight, arbitrary });
  const steps = [
    step(
      12,
      fc.record({
        type: of('message'),
        kind,
        to,
        from: fc.constantFrom('romeo', 'romeo', 'mercutio'),
        hasty: clock ? fc.constantFrom(false, false, true) : fc.constant(false),
      }),
    ),
    step(4, enable),
    step(5, fc.record({ type: of('lose'), client })),
    step(3, fc.record({ type: of('resume'), client })),
    step(3, fc.record({ type: of('close'), client })),
    step(2, fc.record({ type: of('answer'), browser, with: answer })),
    step(
      2,
      fc.record({ type: of('disable'), client, what: fc.constantFrom('own', 'all', 'phone', 'tablet') }),
    ),
    step(1, fc.record({ type: of('connect'), client, management })),
    step(1, fc.record({ type: of('doze'), client })),
    step(1, fc.record({ type: of('write'), client })),
    step(1, fc.record({ type: of('release') })),
    ...(clock
      ? [step(3, fc.record({ type: of('wait'), span: fc.constantFrom('quarter', 'minute', 'days') }))]
      : []),
    ...(restart ? [step(1, fc.record({ type: of('restart') }))] : []),
  ] as const;
  // Without a registration there is nothing to see, and little while its device is there: so a sequence begins.
  const device = fc
    .tuple(enable, fc.constantFrom<'close' | 'lose' | 'stay'>('close', 'lose', 'stay'))
    .map(([command, then]): readonly Command[] =>
      then === 'stay' ? [command] : [command, { type: then, client: command.client }],
    );
  return fc.noBias(
    fc
      .tuple(
        fc.array(device, { minLength: 1, maxLength: 2 }),
        fc.array(fc.oneof(...steps), { maxLength: longest, size: 'max' }),
      )
      .map(([devices, others]) => [...devices.flat(), ...others]),
  );
}
