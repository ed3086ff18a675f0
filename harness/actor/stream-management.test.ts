import xml from '@xmpp/xml';
import { describe, expect, test } from 'vitest';
import { createStreamManagement, SM } from './stream-management.js';

const enabled = (attributes: Record<string, string> = {}) =>
  createStreamManagement(xml('enabled', { xmlns: SM, ...attributes }));

describe('stream management', () => {
  test('can be resumed only when the server says so and names the session', () => {
    expect(enabled({ id: 's', resume: 'true' }).id).toBe('s');
    expect(enabled({ id: 's', resume: '1' }).id).toBe('s');
    expect(enabled({ id: 's' }).id).toBeUndefined();
    expect(enabled({ resume: 'true' }).id).toBeUndefined();
  });

  test('counts what was received', () => {
    const management = enabled({ id: 's', resume: 'true' });
    expect(management.acknowledgement().attrs).toEqual({ xmlns: SM, h: '0' });
    management.received();
    management.received();
    expect(management.acknowledgement().attrs).toEqual({ xmlns: SM, h: '2' });
    expect(management.resumption().attrs).toEqual({ xmlns: SM, h: '2', previd: 's' });
  });

  test('forgets what was handled, and gives the rest once', () => {
    const management = enabled();
    for (const text of ['1', '2', '3', '4']) management.sent(text);
    expect(management.acknowledged('1')).toBe(true);
    expect(management.acknowledged('3')).toBe(true);
    expect(management.takeUnacknowledged()).toEqual(['4']);
    expect(management.takeUnacknowledged()).toEqual([]);
  });

  test.each([undefined, '', '-1', '2', '1.5', 'one', '4294967295'])('keeps everything when h is %s', (h) => {
    const management = enabled();
    management.sent('1');
    expect(management.acknowledged(h)).toBe(false);
    expect(management.takeUnacknowledged()).toEqual(['1']);
  });
});
