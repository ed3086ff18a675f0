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

  test('lets them share one while another is still tried again', () => {
    const model = play(enable, { type: 'close', client: phone }, chat);
    expect(model.observe(push({ answer: 503 }))).toBeUndefined();
    model.settle();
    for (const step of [10, 11, 12]) model.apply({ ...chat, hasty: true }, step);
    expect(model.observe(push())).toBeUndefined();
    model.settle();
    model.apply({ type: 'wait', span: 'day' }, 13);
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

  test('wants the server key of the last enable, after a change too', () => {
    const key = (...keys: readonly number[]) =>
      push({ token: { expires: 3_600_000, isSigned: true, keys }, browser: 'phone' });
    const changed = [enable, { type: 'close', client: phone }, { type: 'change-key' }] as const;
    expect(play(...changed, chat).observe(key(0))).toBeUndefined();
    expect(play(...changed, chat).observe(key(1))?.sentence).toBe('vapid.key-change');
    const again = [...changed, enable, { type: 'close', client: phone }, chat] as const;
    expect(play(...again).observe(key(1))).toBeUndefined();
    expect(play(...again).observe(key(0))?.sentence).toBe('vapid.key-change');
  });

  test('wants a token that holds when the request is made, and for no more than 24 hours', () => {
    const away = () => play(enable, { type: 'close', client: phone }, chat);
    const token = (expires: number, isSigned = true) => push({ token: { expires, isSigned } });
    expect(away().observe(token(1001))).toBeUndefined();
    expect(away().observe(token(1000))?.sentence).toBe('rfc8292.expiry-future');
    expect(away().observe(token(86_401_000))).toBeUndefined();
    expect(away().observe(token(86_401_001))?.sentence).toBe('rfc8292.expiry-limit');
    expect(away().observe(token(1001, false))?.sentence).toBe('rfc8292.signature');
  });

  test('lets a registration of a month be gone, but only once and for all', () => {
    const month: Command = { type: 'wait', span: 'month' };
    const old = play(enable, { type: 'close', client: phone }, month, chat);
    expect(old.missing()).toBeUndefined();
    old.settle();
    old.apply(chat, 9);
    expect(old.observe(push())?.sentence).toBe('registration.expiry');
    const renewed = play(enable, month, enable, { type: 'close', client: phone }, chat);
    expect(renewed.missing()?.sentence).toBe('enable.same-endpoint');
  });

  test('wants the registration to outlast one refusal, and no request made again for it', () => {
    const refused = play(enable, { type: 'close', client: phone }, chat);
    expect(refused.observe(push({ answer: 403 }))).toBeUndefined();
    expect(refused.missing()).toBeUndefined();
    expect(refused.observe(push())?.sentence).toBe('answer.refused-no-retry');
    refused.settle();
    refused.apply(chat, 9);
    expect(refused.missing()?.sentence).toBe('answer.refused-many');
  });

  test('wants an archived message told when other devices only hibernate, as far as it is known to be archived', () => {
    const steps = [
      enable,
      { type: 'close', client: phone },
      { type: 'connect', client: 'juliet/tablet', management: 'resumable' },
      { type: 'lose', client: 'juliet/tablet' },
      chat,
    ] as const;
    expect(play(...steps).missing()?.sentence).toBe('archive.other-devices');
    const model = createModel({ ...options, archives: () => false });
    for (const [step, command] of steps.entries()) model.apply(command, step);
    expect(model.missing()).toBeUndefined();
  });

  test('allows no step that makes no sense', () => {
    const model = play(enable);
    expect(model.allows({ type: 'resume', client: phone })).toBe(false);
    expect(model.allows({ type: 'release' })).toBe(false);
    expect(model.allows({ ...chat, to: 'nurse' })).toBe(false);
    expect(model.allows({ type: 'connect', client: phone, management: 'none' })).toBe(false);
  });
});
