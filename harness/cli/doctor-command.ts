import { rmSync } from 'node:fs';
import { type RequestOptions, request } from 'node:https';
import { tmpdir } from 'node:os';
import { type Authority, createAuthority } from '../certificate/certificate.js';
import { type PushService, startPushService } from '../push-service/push-service.js';
import { styleFor } from '../report/style.js';
import { greet } from '../run/introduction.js';
import { exitCodes } from '../run/result.js';
import { findTarget } from '../target/find.js';
import { makeTemporaryFolder } from '../temporary/temporary-folder.js';

interface Check {
  /** What is in order when it passes. */
  readonly name: string;
  /** What to do when it is not. */
  readonly remedy: string;
  readonly run: () => Promise<string>;
}

/** Checks this machine and a target, one line each. Gives 0 when all is well, 3 otherwise. */
export async function doctorCommand(options: { readonly target: string }): Promise<number> {
  const target = await findTarget(options.target);
  const style = styleFor(process.stdout);
  const listener = target.pushListener;
  let authority: Authority | undefined;
  let pushService: PushService | undefined;
  const checks: readonly Check[] = [
    {
      name: 'Node runs the kit',
      remedy: 'install Node 20.19 or newer',
      run: async () => process.version,
    },
    {
      name: 'temporary files can be written',
      remedy: 'point TMPDIR to a folder that can be written',
      async run() {
        rmSync(makeTemporaryFolder(), { recursive: true });
        return tmpdir();
      },
    },
    {
      name: 'certificates can be made',
      remedy: 'the packages are damaged: delete node_modules and run npm ci',
      async run() {
        authority = await createAuthority();
        await authority.certify(['localhost']);
        return 'ECDSA P-256';
      },
    },
    {
      name: 'the push service listens',
      remedy: listener
        ? `free port ${listener.port} on ${listener.address}, or change push.listen and push.port in the target file`
        : 'allow this process to listen on 127.0.0.1',
      async run() {
        pushService = await startPushService({
          authority: required(authority),
          ...(listener ? { host: listener.address, port: listener.port, names: listener.names } : {}),
          ...(listener?.certificate ? { certificate: listener.certificate } : {}),
        });
        return `port ${pushService.port}`;
      },
    },
    {
      name: 'the push service answers over TLS',
      remedy:
        'something between this process and its own loopback interface interferes: a proxy or a firewall',
      async run() {
        const { port } = required(pushService);
        const host = !listener || listener.address === '0.0.0.0' ? '127.0.0.1' : listener.address;
        // Whether a certificate of the user's own holds is for the server under test to say, not for this machine.
        const trust = listener?.certificate
          ? { rejectUnauthorized: false }
          : { ca: required(authority).pem, servername: 'localhost' };
        const status = await statusOf(host, port, trust);
        if (status !== 404) throw new Error(`404 was expected for an unknown path, ${status} came`);
        return '404 for an unknown path';
      },
    },
    {
      name: `target ${target.name} takes a client`,
      remedy: 'start the server, check host, port, tls, ca and domains, and allow in-band registration',
      async run() {
        const { pem, certify } = required(authority);
        const running = await target.start(
          { pushPort: required(pushService).port, ca: pem, certify, timeoutScale: 1 },
          {},
        );
        try {
          await greet(running, Date.now() >>> 0);
          return `${running.description.software} ${running.description.version}, ${running.domains.join(', ')}`;
        } finally {
          await running.stop();
        }
      },
    },
  ];
  let isWell = true;
  try {
    for (const { name, remedy, run } of checks) {
      try {
        process.stdout.write(`${style('green', 'ok')}    ${name} (${await run()})\n`);
      } catch (error) {
        isWell = false;
        process.stdout.write(
          `${style('red', 'wrong')} ${name}: ${(error as Error).message}\n      ${remedy}\n`,
        );
      }
    }
  } finally {
    await pushService?.close();
  }
  return isWell ? exitCodes.conformant : exitCodes.targetDidNotStart;
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('an earlier check failed');
  return value;
}

/** Asks this machine's push service for a path it does not have. */
function statusOf(
  host: string,
  port: number,
  trust: Pick<RequestOptions, 'ca' | 'servername' | 'rejectUnauthorized'>,
) {
  return new Promise<number | undefined>((resolve, reject) => {
    request({ ...trust, host, port, path: '/', method: 'POST' }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}
