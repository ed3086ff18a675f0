import fc from 'fast-check';
import {
  type Abilities,
  type Answer,
  type Browser,
  browserOf,
  type Client,
  type Command,
  type Management,
  type MessageKind,
} from './command.js';

/** The most steps after the first enables: a login is the dearest of them, and what takes more steps to show is rare. */
const longest = 8;

/** Mostly one device, so that what a step leads to is met by the next. */
const client = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Client>('juliet/phone') },
  { weight: 3, arbitrary: fc.constant<Client>('juliet/tablet') },
  { weight: 1, arbitrary: fc.constantFrom<Client>('juliet/laptop', 'nurse/phone') },
);
const browser = fc.constantFrom<Browser>('phone', 'phone', 'tablet', 'laptop');
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
const anyAnswer = fc.constantFrom<Answer>(403, 404, 410, 429, 503, 'reset', 'held-201', 'held-404');

const of = <T extends Command['type']>(type: T) => fc.constant(type);

/** Mostly true, but shrinking tries without. */
const isKept = fc.integer({ min: 0, max: 11 }).map((number) => number > 0);

/**
 * Situations that single steps seldom come by. Each step of one may be missing, so that a sequence can be made shorter
 * within them, too.
 */
function storiesFor({ clock, crash, changeKey, resumption }: Abilities): fc.Arbitrary<readonly Command[]> {
  const chat: Command = { type: 'message', to: 'juliet', kind: 'chat', from: 'romeo', hasty: false };
  const hasty: Command = { ...chat, hasty: true };
  const release: Command = { type: 'release' };
  const quarter: Command = { type: 'wait', span: 'quarter' };
  const enable = (one: Client, keys: 'same' | 'new' = 'same'): Command => ({
    type: 'enable',
    client: one,
    management: resumption ? 'resumable' : 'none',
    keys,
  });
  const close = (one: Client): Command => ({ type: 'close', client: one });
  const lose = (one: Client): Command => ({ type: 'lose', client: one });
  const answer = (one: Client, answered: Answer): Command => ({
    type: 'answer',
    browser: browserOf(one),
    with: answered,
  });
  type Story = (one: Client, other: Client, answered: Answer) => readonly Command[];
  const always: readonly Story[] = [
    (one, _, answered) => [
      enable(one),
      close(one),
      answer(one, answered),
      chat,
      enable(one, 'new'),
      release,
      close(one),
      chat,
    ],
    (one) => [enable(one), close(one), answer(one, 'held-404'), chat, enable(one), release, close(one), chat],
    (one, other) => [enable(one), enable(other), enable(one), close(one), close(other), chat],
    (one, other) => [
      enable(one),
      enable(other),
      enable(one),
      enable('juliet/laptop'),
      close(one),
      close(other),
      chat,
    ],
  ];
  const withClock: readonly Story[] = [
    (one, other) => [
      enable(one),
      close(one),
      enable(other),
      hasty,
      { type: 'disable', client: other, what: browserOf(one) },
    ],
    (one) => [enable(one), lose(one), hasty, { type: 'resume', client: one }, chat],
    (one, other) => [
      enable(one),
      lose(one),
      enable(other),
      lose(other),
      { ...chat, to: other },
      quarter,
      chat,
    ],
    (one, _, answered) => [
      enable(one),
      close(one),
      answer(one, answered),
      chat,
      { type: 'wait', span: 'minute' },
      chat,
      quarter,
    ],
    (one) => [enable(one), close(one), chat, { type: 'wait', span: 'day' }, chat],
    (one) => [enable(one), close(one), { type: 'wait', span: 'month' }, chat, hasty, chat],
  ];
  const withKey: readonly Story[] = [
    (one) => [enable(one), close(one), { type: 'change-key' }, chat, enable(one), close(one), chat],
  ];
  const withCrash: readonly Story[] = [
    (one, other) => [enable(one), enable(other), close(one), close(other), { type: 'crash' }, chat],
  ];
  const stories = [
    ...always,
    ...(clock ? withClock : []),
    ...(changeKey ? withKey : []),
    ...(crash ? withCrash : []),
  ];
  const pair = fc.constantFrom<readonly [Client, Client]>(
    ['juliet/phone', 'juliet/tablet'],
    ['juliet/tablet', 'juliet/phone'],
  );
  const kept = fc.array(isKept, { minLength: 8, maxLength: 8 });
  return fc
    .tuple(fc.constantFrom(...stories), pair, anyAnswer, kept)
    .map(([story, [one, other], answered, keep]) =>
      story(one, other, answered).filter((_, index) => keep[index]),
    );
}

/** Sequences of steps. Whether each makes sense where it stands is for the model to say. */
export function commandsFor(abilities: Abilities): fc.Arbitrary<readonly Command[]> {
  const { restart, crash, clock, changeKey, resumption } = abilities;
  const management: fc.Arbitrary<Management> = resumption
    ? fc.constantFrom('resumable', 'resumable', 'none')
    : fc.constant('none');
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
    step(2, fc.record({ type: of('answer'), browser, with: anyAnswer })),
    step(
      2,
      fc.record({ type: of('disable'), client, what: fc.constantFrom('own', 'all', 'phone', 'tablet') }),
    ),
    step(1, fc.record({ type: of('connect'), client, management })),
    step(1, fc.record({ type: of('doze'), client })),
    step(1, fc.record({ type: of('write'), client })),
    step(1, fc.record({ type: of('release') })),
    ...(clock
      ? [
          step(
            3,
            fc.record({
              type: of('wait'),
              span: fc.constantFrom('quarter', 'quarter', 'minute', 'days', 'day', 'month'),
            }),
          ),
        ]
      : []),
    ...(restart ? [step(1, fc.record({ type: of('restart') }))] : []),
    ...(crash ? [step(1, fc.record({ type: of('crash') }))] : []),
    ...(changeKey ? [step(1, fc.record({ type: of('change-key') }))] : []),
  ] as const;
  // Without a registration there is nothing to see, and little while its device is there: so a sequence begins.
  const device = fc
    .tuple(isKept, enable, fc.constantFrom<'stay' | 'close' | 'lose'>('stay', 'close', 'lose'))
    .map(([kept, command, then]): readonly Command[] => {
      if (!kept) return [];
      return then === 'stay' ? [command] : [command, { type: then, client: command.client }];
    });
  return fc.noBias(
    fc
      .tuple(
        fc.array(device, { minLength: 1, maxLength: 2 }),
        fc.array(
          fc.oneof(
            { weight: 6, arbitrary: fc.oneof(...steps).map((one): readonly Command[] => [one]) },
            { weight: 1, arbitrary: storiesFor(abilities) },
          ),
          { maxLength: longest, size: 'max' },
        ),
      )
      .map(([devices, others]) => [...devices.flat(), ...others.flat()]),
  );
}
