import type { NewRegistration, Registration, Registry } from './registry.js';
import { RegistryError } from './registry-error.js';
import { isRow, openFile } from './registry-file.js';

export interface RegistryOptions {
  /** Of a file, created for its owner only; several registries and processes may share it. `:memory:` keeps nothing. */
  readonly path: string;
  /** Registrations of one account, at least 1. */
  readonly maxDevices: number;
  /** Whether a change is on the disk when the call returns. Default true. */
  readonly flush?: boolean;
}

/**
 * Opens the registry kept in a file.
 *
 * @throws RegistryError when the file is not a registry, or one that cannot be used; it is then left as it was.
 */
export function openRegistry({ path, maxDevices, flush = true }: RegistryOptions): Registry {
  if (!Number.isSafeInteger(maxDevices) || maxDevices < 1) {
    throw new RegistryError('invalid-option', `maxDevices is a whole number from 1, not ${maxDevices}.`);
  }
  const database = openFile(path, flush);
  let open = true;
  const select = database.prepare('SELECT * FROM registration WHERE account = ? AND endpoint = ?');
  const selectAll = database.prepare('SELECT * FROM registration WHERE account = ? ORDER BY generation');
  const selectOldest = database.prepare(
    'SELECT * FROM registration WHERE account = ? ORDER BY generation LIMIT max(0, (SELECT count(*) FROM registration WHERE account = ?) - ?)',
  );
  const insert = database.prepare(
    `INSERT INTO registration (account, endpoint, p256dh, auth, payload_sender, payload_body, application_server_key, enabled_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const remove = database.prepare('DELETE FROM registration WHERE account = ? AND endpoint = ?');
  const removeAll = database.prepare('DELETE FROM registration WHERE account = ?');
  const setRefusals = database.prepare('UPDATE registration SET refusals = ? WHERE generation = ?');

  const get = (account: string, endpoint: string): Registration | undefined => {
    const [row] = select.all(account, endpoint);
    return row === undefined ? undefined : toRegistration(row, path);
  };
  const list = (account: string) => selectAll.all(account).map((row) => toRegistration(row, path));

  /** The registration, if it is still of this generation. */
  const current = (account: string, endpoint: string, generation: number): Registration | undefined => {
    const registration = get(account, endpoint);
    return registration?.generation === generation ? registration : undefined;
  };

  const use = <Result>(work: () => Result): Result => {
    // Statements of a closed database still work, so the database itself would not complain.
    if (!open) throw new RegistryError('closed', `The registry ${path} is closed.`);
    try {
      return work();
    } catch (cause) {
      if (cause instanceof RegistryError) throw cause;
      throw new RegistryError('storage', `The registry ${path} could not be read or written.`, cause);
    }
  };

  /** All or nothing; IMMEDIATE, as what is read must still hold when it is written, with other processes about. */
  const change = <Result>(work: () => Result): Result =>
    use(() => {
      database.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        database.exec('COMMIT');
        return result;
      } catch (error) {
        // Some failures, a full disk among them, have already rolled back.
        if (database.inTransaction) database.exec('ROLLBACK');
        throw error;
      }
    });

  return {
    enable: (registration, replaces) =>
      change(() => {
        const { account, endpoint } = registration;
        if (replaces !== undefined && replaces !== endpoint) remove.run(account, replaces);
        const isRefresh = remove.run(account, endpoint).changes > 0;
        const evicted = isRefresh
          ? []
          : selectOldest.all(account, account, maxDevices - 1).map((row) => toRegistration(row, path));
        for (const victim of evicted) remove.run(account, victim.endpoint);
        insert.run(...toRow(registration));
        const stored = get(account, endpoint);
        if (!stored) throw new Error('The registration is not where it was stored.');
        return { registration: stored, evicted };
      }),
    disable: (account, endpoint) =>
      change(() => {
        const registration = get(account, endpoint);
        if (registration) remove.run(account, endpoint);
        return registration;
      }),
    disableAll: (account) =>
      change(() => {
        const registrations = list(account);
        if (registrations.length > 0) removeAll.run(account);
        return registrations;
      }),
    list: (account) => use(() => list(account)),
    get: (account, endpoint) => use(() => get(account, endpoint)),
    removeGeneration: (account, endpoint, generation) =>
      change(() => {
        const registration = current(account, endpoint, generation);
        if (registration) remove.run(account, endpoint);
        return registration !== undefined;
      }),
    countRefusal: (account, endpoint, generation) =>
      change(() => {
        const registration = current(account, endpoint, generation);
        if (!registration) return 0;
        const refusals = registration.refusals + 1;
        setRefusals.run(refusals, generation);
        return refusals;
      }),
    clearRefusals(account, endpoint, generation) {
      // Every accepted push ends here, and hardly any has something to clear: then nothing is written.
      if (!use(() => current(account, endpoint, generation))?.refusals) return;
      change(() => {
        if (current(account, endpoint, generation)) setRefusals.run(0, generation);
      });
    },
    close() {
      if (!open) return;
      open = false;
      database.close();
    },
  };
}

function toRow(registration: NewRegistration) {
  const { account, endpoint, p256dh, auth, payload, applicationServerKey, enabledAt } = registration;
  return [
    account,
    endpoint,
    p256dh,
    auth,
    Number(payload.sender),
    Number(payload.body),
    applicationServerKey,
    enabledAt,
  ] as const;
}

/** A row as it is stored; what the schema does not allow was written by somebody else. */
function toRegistration(row: unknown, path: string): Registration {
  const damaged = () =>
    new RegistryError('corrupt-file', `The registry ${path} holds a row that is no registration.`);
  if (!isRow(row)) throw damaged();
  const text = (value: unknown): string => {
    if (typeof value !== 'string') throw damaged();
    return value;
  };
  const number = (value: unknown): number => {
    if (typeof value !== 'number') throw damaged();
    return value;
  };
  const octets = (value: unknown): Uint8Array => {
    // libsql gives a Buffer for one row and an ArrayBuffer for many.
    if (!(value instanceof ArrayBuffer) && !(value instanceof Uint8Array)) throw damaged();
    return new Uint8Array(value);
  };
  return {
    account: text(row.account),
    endpoint: text(row.endpoint),
    p256dh: octets(row.p256dh),
    auth: octets(row.auth),
    payload: { sender: row.payload_sender === 1, body: row.payload_body === 1 },
    applicationServerKey: text(row.application_server_key),
    enabledAt: number(row.enabled_at),
    generation: number(row.generation),
    refusals: number(row.refusals),
  };
}
