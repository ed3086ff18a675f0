import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { XmppAddress } from '../harness/actor/actor.js';
import type { Authority } from '../harness/certificate/certificate.js';
import { findEngine } from '../harness/target/container/engine.js';
import { provideImage } from '../harness/target/container/image.js';
import { freePorts } from '../harness/target/ports.js';
import { root } from './cli.fixture.js';

const modules = join(root, 'fixtures', 'servers', 'prosody');

/** A stock Prosody with the module of the sidecar, for a test that has the sidecar in its own hands. */
export interface Prosody {
  readonly address: XmppAddress;
  /** Where it looks for the sidecar, and what it shows there. */
  readonly sidecar: { readonly port: number; readonly secretFile: string };
  /** Resolves as soon as something that is logged from now on matches. */
  logged(pattern: RegExp): Promise<void>;
  stop(): Promise<void>;
}

/**
 * How this machine starts a Prosody: its own, or one in a container; undefined where there is neither.
 *
 * @throws TargetFault in CI, where to do without is a failure.
 */
export async function findProsody(): Promise<readonly string[] | undefined> {
  if (answers('which', 'prosody')) return ['prosody'];
  try {
    const image = await provideImage(await findEngine(), {
      server: 'prosody',
      version: '13.0',
      debian: 'trixie',
    });
    const engine = ['docker', 'podman'].find((program) => answers(program, 'image', 'inspect', image));
    if (!engine) return undefined;
    const mounts = [modules, tmpdir()].flatMap((folder) => ['--volume', `${folder}:${folder}`]);
    return [engine, 'run', '--rm', '--network', 'host', ...mounts, '--entrypoint', 'prosody', image];
  } catch (fault) {
    if (process.env.CI === 'true') throw fault;
    return undefined;
  }
}

function answers(program: string, ...args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}

/** With archive and offline storage, with offline storage alone, with neither. */
export const domains = ['capulet.example', 'montague.example', 'verona.example'] as const;

export async function startProsody(command: readonly string[], authority: Authority): Promise<Prosody> {
  const folder = mkdtempSync(join(tmpdir(), 'prosody-'));
  const at = (name: string) => join(folder, name);
  const { key, cert } = await authority.certify(domains);
  const { clients, sidecar } = await freePorts(['clients', 'sidecar']);
  writeFileSync(at('key.pem'), key);
  writeFileSync(at('cert.pem'), cert);
  writeFileSync(at('secret'), 'parting-is-such-sweet-sorrow\n');
  chmodSync(at('secret'), 0o600);
  writeFileSync(
    at('prosody.cfg.lua'),
    `
run_as_root = true
data_path = "${at('data')}"
pidfile = "${at('pid')}"
plugin_paths = { "${modules}" }
certificates = "${folder}"
log = { info = "*console" }
interfaces = { "127.0.0.1" }
c2s_ports = { ${clients} }
http_ports = {}
https_ports = {}
ssl = { key = "${at('key.pem')}", certificate = "${at('cert.pem')}" }
modules_disabled = { "s2s" }
modules_enabled = { "carbons", "disco", "mam", "ping", "register", "roster", "saslauth", "smacks", "tls", "webpush_sidecar" }
allow_registration = true
c2s_require_encryption = true
webpush_sidecar_url = "http://127.0.0.1:${sidecar}"
webpush_sidecar_secret_file = "${at('secret')}"
VirtualHost "${domains[0]}"
VirtualHost "${domains[1]}"
  modules_disabled = { "mam", "s2s" }
VirtualHost "${domains[2]}"
  modules_disabled = { "mam", "offline", "s2s" }
`,
  );
  const [program = '', ...args] = command;
  const child = spawn(program, [...args, '-F', '--config', at('prosody.cfg.lua')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const waiting = new Map<RegExp, () => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    for (const [pattern, resolve] of waiting)
      if (pattern.test(text)) {
        waiting.delete(pattern);
        resolve();
      }
  });
  const logged = (pattern: RegExp) => new Promise<void>((resolve) => waiting.set(pattern, resolve));
  await Promise.race([
    logged(/webpush_sidecar\s+warn.*does not answer/),
    ended.then(([code]) => Promise.reject(new Error(`Prosody ended with ${code}`))),
  ]);
  return {
    address: { host: '127.0.0.1', port: clients, tls: 'starttls', ca: authority.pem },
    sidecar: { port: sidecar, secretFile: at('secret') },
    logged,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}
