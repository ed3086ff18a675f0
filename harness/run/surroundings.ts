import type { Authority } from '../certificate/certificate.js';
import { type PushService, startPushService } from '../push-service/push-service.js';
import type { RunEnvironment, Target } from '../target/target.js';

/** What has to be there before a target can start. */
export interface Surroundings {
  /** Takes every push of the target; whoever opened the surroundings closes it, after the target has stopped. */
  readonly pushService: PushService;
  readonly environment: RunEnvironment;
}

/**
 * Starts a push service where the target can reach it.
 *
 * @throws {UsageError} when it cannot listen there.
 */
export async function openSurroundings(
  target: Pick<Target, 'pushListener'>,
  authority: Authority,
  timeoutScale: number,
  signal?: AbortSignal,
): Promise<Surroundings> {
  const listener = target.pushListener;
  const pushService = await startPushService({
    authority,
    ...(listener ? { host: listener.address, port: listener.port, names: listener.names } : {}),
    ...(listener?.certificate ? { certificate: listener.certificate } : {}),
  });
  const { port: pushPort } = pushService;
  return {
    pushService,
    environment: {
      pushPort,
      ca: authority.pem,
      certify: authority.certify,
      timeoutScale,
      ...(signal ? { signal } : {}),
    },
  };
}
