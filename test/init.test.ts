import { X509Certificate } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readTargetFile } from '../harness/target/file/target-file.js';
import { cli, program } from './cli.fixture.js';

const folder = mkdtempSync(join(tmpdir(), 'init-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('init', { timeout: 60_000 }, () => {
  test('describes a server that is there, with a certificate for the push service', async () => {
    const file = join(folder, 'mine.json');
    const { code, stdout } = await cli(
      ...['init', file, '--host', 'xmpp.example.org', '--domain', 'example.org', 'example.net'],
      ...['--push-host', 'push.example.org'],
    );
    expect(code).toBe(0);
    expect(stdout).toContain(`webpush-conformance doctor --target ${file}`);
    expect(readTargetFile(file)).toMatchObject({
      name: 'mine',
      host: 'xmpp.example.org',
      domains: ['example.org', 'example.net'],
      push: { host: 'push.example.org', key: 'push-key.pem', cert: 'push-cert.pem' },
    });
    const certificate = new X509Certificate(readFileSync(join(folder, 'push-cert.pem')));
    expect(certificate.checkHost('push.example.org')).toBe('push.example.org');
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    // An editor finds the schema by it.
    const { $schema } = JSON.parse(readFileSync(file, 'utf8'));
    expect(JSON.parse(readFileSync(join(folder, $schema), 'utf8')).$id).toBe(
      'urn:webpush-conformance:target:1',
    );
  });

  test('writes nothing where something is', async () => {
    const other = mkdtempSync(join(tmpdir(), 'init-other-'));
    writeFileSync(join(other, 'push-cert.pem'), 'mine');
    const { code, stderr } = await cli('init', join(other, 'new.json'));
    expect(code).toBe(2);
    expect(stderr).toMatch(/push-cert\.pem is there already; nothing was written\n$/);
    expect(readdirSync(other)).toEqual(['push-cert.pem']);
    rmSync(other, { recursive: true });
  });

  test('describes a server that is started by a script, which says what it is given until it is written', async () => {
    const own = mkdtempSync(join(tmpdir(), 'init-process-'));
    const file = join(own, 'mine.json');
    expect((await cli('init', file, '--process')).code).toBe(0);
    const before = await cli('run', '--target', file, '--filter', 'discovery');
    expect(before.code).toBe(3);
    expect(before.stderr).toContain('start-server.sh: replace this line by what starts your server');

    const script = join(own, 'start-server.sh');
    const serve = [
      ...['exec', process.execPath, program, 'serve', '--port "$WEBPUSH_PORT"'],
      ...['--domain $(echo "$WEBPUSH_DOMAINS" | tr , " ")', '--rooms-domain "$WEBPUSH_ROOMS_DOMAIN"'],
      ...['--cert "$WEBPUSH_CERT_FILE"', '--key "$WEBPUSH_KEY_FILE"', '--trust "$WEBPUSH_CA_FILE"'],
      ...['--allow-host "$WEBPUSH_PUSH_HOST"', '--data "$WEBPUSH_DATA_DIR"', '--batch-window 5'],
      ...['--max-devices "$WEBPUSH_MAX_DEVICES"', '--important-body "$WEBPUSH_IMPORTANT_BODY"'],
    ];
    const written = readFileSync(script, 'utf8').replace(/^echo [\s\S]*/m, `${serve.join(' ')}\n`);
    writeFileSync(script, written);
    chmodSync(script, 0o755);
    const { code, stdout, leftovers } = await cli(
      ...['run', '--target', file],
      ...[
        '--filter',
        'discovery/form/connection=tcp',
        'registration/over-the-limit/limit=2',
        'registration/restart/end=restart',
        'offline/one-push/type=chat',
      ],
    );
    expect(stdout).toMatch(/\n4 cases .*: 4 pass\n/);
    expect({ code, leftovers }).toEqual({ code: 0, leftovers: [] });
    rmSync(own, { recursive: true });
  });
});
