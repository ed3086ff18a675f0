import type { RunEnvironment } from '../target.js';
import { type Container, type ContainerOptions, startContainer, sweepContainers } from './container.js';
import { findEngine } from './engine.js';
import { provideImage, type ServerImage } from './image.js';
import { pushHost, tlsFolder } from './layout.js';

/** The one container of a run, where all its servers run. */
export interface Machine {
  readonly container: Container;
  /** A folder in the container for a server, empty. */
  makeFolder(): Promise<string>;
  /** Lets go of it; with the last server goes the container. */
  leave(): Promise<void>;
}

interface Shared {
  readonly container: Promise<Container>;
  servers: number;
  folders: number;
}

const machines = new WeakMap<RunEnvironment, Shared>();

/** Finds the engine and has the image built, so that starting a server takes no longer than that. */
export async function prepareMachine(image: ServerImage): Promise<void> {
  const engine = await findEngine();
  await sweepContainers(engine);
  await provideImage(engine, image);
}

/**
 * Starts the run's container, or joins the servers that are there already.
 *
 * @param names the host names that the certificate is for.
 * @throws TargetFault `start-failed`.
 */
export async function joinMachine(
  environment: RunEnvironment,
  image: ServerImage,
  names: readonly string[],
  folders: ContainerOptions['folders'],
): Promise<Machine> {
  let shared = machines.get(environment);
  if (!shared) {
    shared = { container: boot(environment, image, names, folders), servers: 0, folders: 0 };
    machines.set(environment, shared);
  }
  const machine = shared;
  machine.servers += 1;
  const leave = async () => {
    machine.servers -= 1;
    if (machine.servers > 0) return;
    machines.delete(environment);
    await machine.container.then(
      (container) => container.stop(),
      () => {},
    );
  };
  try {
    const container = await machine.container;
    return {
      container,
      async makeFolder() {
        machine.folders += 1;
        const folder = `/srv/${machine.folders}`;
        await container.run(`mkdir ${folder}`);
        return folder;
      },
      leave,
    };
  } catch (error) {
    await leave();
    throw error;
  }
}

async function boot(
  environment: RunEnvironment,
  image: ServerImage,
  names: readonly string[],
  folders: ContainerOptions['folders'],
): Promise<Container> {
  const engine = await findEngine();
  const { key, cert } = await environment.certify(['127.0.0.1', 'localhost', ...names]);
  const name = await provideImage(engine, image);
  const container = await startContainer(engine, { image: name, hosts: [pushHost], folders });
  // OpenSSL finds an authority by the hash of its name, other libraries in the one file with all of them.
  await container.run(`
set -e
mkdir --parents ${tlsFolder}
${writeFile(`${tlsFolder}/ca.pem`, environment.ca)}
${writeFile(`${tlsFolder}/cert.pem`, cert)}
${writeFile(`${tlsFolder}/key.pem`, key)}
ln -s ${tlsFolder}/ca.pem "/etc/ssl/certs/$(openssl x509 -hash -noout -in ${tlsFolder}/ca.pem).0"
cat ${tlsFolder}/ca.pem >>/etc/ssl/certs/ca-certificates.crt`);
  return container;
}

/** The line of a script that writes a file. */
export function writeFile(path: string, text: string): string {
  return `base64 --decode <<<'${Buffer.from(text).toString('base64')}' >${path}`;
}

/** The lines of a script that give a program its environment. */
export function exportAll(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'`)
    .join('\n');
}
