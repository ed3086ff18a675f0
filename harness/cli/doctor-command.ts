import { randomInt } from 'node:crypto';
import { rmSync } from 'node:fs';
import { type RequestOptions, request } from 'node:https';
import { tmpdir } from 'node:os';
import { cases } from '../../suites/cases.js';
import { type Authority, createAuthority } from '../certificate/certificate.js';
import { type PushService, startPushService } from '../push-service/push-service.js';
import { styleFor } from '../report/style.js';
import { greet, type Introduction, introduce } from '../run/introduction.js';
import { exitCodes } from '../run/result.js';
import { createSenders } from '../run/senders.js';
import { findTarget } from '../target/find.js';
import type { PushListener, RunningTarget, Setting, Target } from '../target/target.js';
import { makeTemporaryFolder } from '../temporary/temporary-folder.js';
import { untilInterrupted } from './interrupt.js';

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
  return untilInterrupted((signal) => examine(target, signal));
}

async function examine(target: Target, signal: AbortSignal): Promise<number> {
  const style = styleFor(process.stdout);
  const listener = target.pushListener;
  let authority: Authority | undefined;
  let pushService: PushService | undefined;
  let running: RunningTarget | undefined;
  let introduction: Introduction | undefined;
  const strays: string[] = [];
  const leaving: (() => Promise<void>)[] = [];
  const seed = randomInt(0, 2 ** 32);
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
          onStray: ({ reason }) => void strays.push(reason),
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
        // That was us.
        strays.length = 0;
        if (status !== 404) throw new Error(`404 was expected for an unknown path, ${status} came`);
        return '404 for an unknown path';
      },
    },
    ...(target.prepare
      ? [
          {
            name: `what ${target.name} runs in is there`,
            remedy:
              'the line above says what is missing; a container engine and its images come from .ci/container-engine',
            async run() {
              await target.prepare?.();
              return target.summary;
            },
          },
        ]
      : []),
    {
      name: `target ${target.name} starts and takes a client on each domain`,
      remedy: remedyForStart,
      async run() {
        const { pem, certify } = required(authority);
        const environment = {
          pushPort: required(pushService).port,
          ca: pem,
          certify,
          timeoutScale: 1,
          signal,
        };
        running = await target.start(environment, {});
        for (const domain of running.domains) await greet(running, seed, domain);
        return `${running.description.software} ${running.description.version}, ${running.domains.join(', ')}`;
      },
    },
    {
      name: 'it has Web Push',
      remedy: 'switch it on in the server; without it, run has nothing to judge',
      async run() {
        const server = required(running);
        const senders = createSenders(server, seed);
        leaving.push(senders.close);
        introduction = await introduce(server, required(pushService), senders, seed, signal);
        const { isSupported, looks } = introduction.support;
        const told = looks.map(({ lookedFor, found }) => `${lookedFor}: ${found}`).join('; ');
        if (!isSupported) throw new Error(told);
        return told;
      },
    },
    {
      name: 'its pushes reach the push service',
      get remedy() {
        return remedyForPush(strays, listener);
      },
      async run() {
        const { support, calibration } = required(introduction);
        const { pushMs, slowestPushMs, order, patienceMs } = calibration;
        if (!support.isSupported) throw earlier;
        if (pushMs === undefined) throw new Error(`no request came within ${patienceMs} ms; ${seen(strays)}`);
        return `in ${pushMs} ms, at most ${slowestPushMs} ms; order ${order.replace('-', ' ')}`;
      },
    },
  ];
  let isWell = true;
  try {
    for (const { name, remedy, run } of checks) {
      try {
        process.stdout.write(`${style('green', 'ok')}    ${name} (${await run()})\n`);
      } catch (error) {
        if (signal.aborted) return exitCodes.interrupted;
        if (error === earlier) process.stdout.write(`${style('dim', 'skip')}  ${name}\n`);
        else {
          isWell = false;
          const { message } = error as Error;
          process.stdout.write(`${style('red', 'wrong')} ${name}: ${message}\n      ${remedy}\n`);
        }
      }
    }
    if (running && introduction) process.stdout.write(notes(target, running, introduction).join(''));
  } finally {
    await Promise.allSettled(leaving.map((leave) => leave()));
    await running?.stop();
    await pushService?.close();
  }
  return isWell ? exitCodes.conformant : exitCodes.targetDidNotStart;
}

/** What a run will leave out, and why: neither right nor wrong. */
function notes(target: Target, { hooks }: RunningTarget, { lacks }: Introduction): readonly string[] {
  const hooksWanted = new Map<string, number>();
  for (const { needs } of cases) {
    const missing = needs?.hooks?.find((hook) => hooks[hook] === undefined);
    const unset = Object.keys(needs?.config ?? {}).find(
      (setting) => !target.configurable.includes(setting as Setting),
    );
    const want = missing ? `hook ${missing}` : unset && `setting ${unset}`;
    if (want) hooksWanted.set(want, (hooksWanted.get(want) ?? 0) + 1);
  }
  return [
    ...[...lacks.values()].map((reason) => `note  not applicable: ${reason}\n`),
    ...[...hooksWanted].map(
      ([want, count]) => `note  untestable without the ${want}: ${count} ${count === 1 ? 'case' : 'cases'}\n`,
    ),
  ];
}

const remedyForStart =
  'see that the server runs, that host, port, tls, ca and domains are right, and that accounts can be made: by in-band registration unless the target file says how';

/** What came to the push service in place of a push. */
function seen(strays: readonly string[]): string {
  return strays.length === 0 ? 'nobody connected' : [...new Set(strays)].slice(0, 3).join('; ');
}

function remedyForPush(strays: readonly string[], listener: PushListener | undefined): string {
  const name = listener?.names[0] ?? 'the name in the endpoints';
  if (strays.some((reason) => reason.startsWith('TLS failed')))
    return `the server refuses the certificate of the push service: let it trust push.cert (a process: {caFile}), which must be for ${name}`;
  return `the server must resolve ${name} to this machine (push.listen: ${listener?.address ?? '127.0.0.1'}), be let through to the port, and exempt the name from its rules for addresses`;
}

/** Without what an earlier check was to bring, there is nothing to check. */
const earlier = new Error('an earlier check failed');

function required<T>(value: T | undefined): T {
  if (value === undefined) throw earlier;
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
