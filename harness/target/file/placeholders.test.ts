import { describe, expect, test } from 'vitest';
import { asEnvironment, fill, placeholdersIn, valuesOf } from './placeholders.js';

/** `${port}` */
const shells = `$${'{port}'}`;

const values = { port: '5222', 'port:websocket': '5281', password: '{port}' };

describe('A placeholder', () => {
  test('is filled wherever it stands, and what fills it is not looked at again', () => {
    expect(fill({ a: ['x{port}', 'wss://h:{port:websocket}/'], b: '{password}', c: 1 }, values)).toEqual({
      a: ['x5222', 'wss://h:5281/'],
      b: '{port}',
      c: 1,
    });
  });

  test('is not what a shell or JSON means by braces', () => {
    expect(fill([shells, '{"port": 1}', '{ port }', '{}'], values)).toEqual([
      shells,
      '{"port": 1}',
      '{ port }',
      '{}',
    ]);
    expect(placeholdersIn([shells, '{"port": 1}', { deep: '{host}' }])).toEqual(['host']);
  });

  test('is a variable of the environment, too', () => {
    expect(asEnvironment({ maxDevices: '2', 'port:web-socket': '1' })).toEqual({
      WEBPUSH_MAX_DEVICES: '2',
      WEBPUSH_PORT_WEB_SOCKET: '1',
    });
  });

  test('of a setting is the setting as text, also when it is nothing', () => {
    expect(valuesOf({ push: false, importantBody: '', maxDevices: 3 })).toEqual({
      push: 'false',
      importantBody: '',
      maxDevices: '3',
    });
  });
});
