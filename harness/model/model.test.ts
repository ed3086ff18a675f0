import { describe, expect, test } from 'vitest';
import type { Command } from './command.js';
import { createModel, type Model, type ModelOptions, type ObservedPush } from './model.js';

const phone = 'juliet/phone';
const enable: Command = { type: 'enable', client: phone, management: 'resumable', keys: 'same' };
const chat: Command = { type: 'message', to: 'juliet', kind: 'chat', from: 'romeo', hasty: false };

const options: ModelOptions = { maxDevices: 2, restTime: 120_000, carbons: true, archives: () => true };

function play(...commands: readonly Command[]): Model {
  const model = createModel(options);
  for (const [step, command] of commands.entries()) {
    expect(model.allows(command)).toBe(true);
    model.apply(command, step);
  }
  return model;
}

const push = (changes: Partial<ObservedPush> = {}): ObservedPush => ({
  browser: 'phone',
  payload: { account: 'juliet', from: 'romeo', isCall: false },
  keys: 0,
  at: 1000,
  since: 1000,
  answer: 201,
  ...changes,
});

describe('The model', () => {
  test('wants one request for a device that is away, and no second one', () => {
    const model = play(enable, { type: 'close', client: phone }, chat);
    expect(model.missing()?.sentence).toBe('offline.one-push');
    expect(model.observe(push())).toBeUndefined();
    expect(model.missing()).toBeUndefined();
    expect(model.observe(push())?.sentence).toBe('offline.one-push');
  });

  test('wants none for a device that is there', () => {
    const model = play(enable, chat);
    expect(model.missing()).toBeUndefined();
    expect(model.observe(push())?.sentence).toBe('live.suppress');
  });

  test('leaves it to the server whether a correction is pushed', () => {
    const model = play(enable, { type: 'close', client: phone }, { ...chat, kind: 'correction' });
    expect(model.missing()).toBeUndefined();
    expect(model.observe(push())).toBeUndefined();
  });

  test('lets messages of one conversation share a request', () => {
    const model = play(enable, { type: 'close', client: phone }, { ...chat, hasty: true }, chat);
    expect(model.missing()).toBeDefined();
    expect(model.observe(push())).toBeUndefined();
    expect(model.missing()).toBeUndefined();
  });

  test('wants the last of them told where the text is', () => {
    const tablet = 'juliet/tablet';
    const model = play(
      { ...enable, client: tablet },
      { type: 'close', client: tablet },
      { ...chat, hasty: true },
      chat,
    );
    const told = (text: string) =>
      push({ browser: 'tablet', payload: { account: 'juliet', from: 'romeo', isCall: false, text } });
    expect(model.observe(told('m002'))).toBeUndefined();
    expect(model.missing()?.actual).toBe('only requests that tell of earlier messages');
    expect(model.observe(told('m003'))).toBeUndefined();
    expect(model.missing()).toBeUndefined();
  });

  test('wants no request before the time in Retry-After has passed, and may get one after it', () => {
    const early = play(enable, { type: 'close', client: phone }, chat);
    expect(early.observe(push({ answer: 429 }))).toBeUndefined();
    expect(early.observe(push({ at: 2000 }))?.sentence).toBe('answer.too-many-requests');
    const late = play(enable, { type: 'close', client: phone }, chat);
    expect(late.observe(push({ answer: 429 }))).toBeUndefined();
    expect(late.observe(push({ at: 121_000 }))).toBeUndefined();
  });

  test('wants none after 410, after a disable, or for the one that made room', () => {
    const gone = play(enable, { type: 'close', client: phone }, chat);
    expect(gone.observe(push({ answer: 410 }))).toBeUndefined();
    expect(gone.observe(push())?.sentence).toBe('answer.gone');
    const disabled = play(enable, { type: 'disable', client: phone, what: 'own' });
    expect(disabled.observe(push())?.sentence).toBe('disable.own-session');
    const evicted = play(
      enable,
      { ...enable, client: 'juliet/tablet' },
      { ...enable, client: 'juliet/laptop' },
    );
    expect(evicted.observe(push())?.sentence).toBe('registration.evicted');
  });

  test('keeps what was enabled again when a late 404 comes for what was enabled before', () => {
    const model = play(enable, { type: 'close', client: phone }, chat);
    expect(model.observe(push({ answer: 'held-404' }))).toBeUndefined();
    model.settle();
    for (const [index, command] of (
      [enable, { type: 'release' }, { type: 'close', client: phone }, chat] as const
    ).entries())
      model.apply(command, 10 + index);
    expect(model.missing()?.sentence).toBe('answer.old-generation');
  });

  test('wants the keys of the last enable', () => {
    const model = play(enable, { ...enable, keys: 'new' }, { type: 'close', client: phone }, chat);
    expect(model.observe(push({ keys: 0 }))?.sentence).toBe('enable.new-keys');
  });

  test('allows no step that makes no sense', () => {
    const model = play(enable);
    expect(model.allows({ type: 'resume', client: phone })).toBe(false);
    expect(model.allows({ type: 'release' })).toBe(false);
    expect(model.allows({ ...chat, to: 'nurse' })).toBe(false);
    expect(model.allows({ type: 'connect', client: phone, management: 'none' })).toBe(false);
  });
});
