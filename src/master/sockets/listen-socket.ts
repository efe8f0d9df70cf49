/**
 * A listening socket, owned by the master for as long as it lives. The one file
 * that uses Node's private handles, the same ones and in the same way as Node's
 * own cluster module: `net._createServerHandle` binds without accepting, or
 * takes over a descriptor that was bound by another process;
 * `server._listen2` begins to accept on it. Who accepts:
 *
 * - "balanced": the master, once it is told to. `onconnection` gives raw
 *   handles, without a `net.Socket` around each;
 * - "shared": the workers, on the handle that they are sent.
 */
import dns from "node:dns/promises";
import net from "node:net";
import util from "node:util";
import type { RawHandle } from "../../shared/ipc-messages.ts";
import { PrivilegedFiles } from "../host/privileged-files.ts";
import type { StartError } from "../start-error.ts";
import type { AddressSettings } from "./address-settings.ts";
import type { ListenAddress } from "./listen-address.ts";
import { toListenError } from "./listen-error.ts";
import { SocketFile } from "./socket-file.ts";

export interface ListenOptions {
  readonly address: ListenAddress;
  /** The settings that the address is from, for an error that names them. */
  readonly setBy?: AddressSettings | undefined;
  readonly backlog: number;
  readonly scheduling: "balanced" | "shared";
  /** Bound to the address already, inherited from another process. */
  readonly fd?: number | undefined;
  /** The file of a unix socket is somebody else's: it is never removed. */
  readonly keepsFile?: boolean | undefined;
  /** Creates the file of a unix socket. */
  readonly files?: PrivilegedFiles | undefined;
  /** In "balanced": a client has connected. */
  readonly onConnection: (handle: RawHandle) => void;
  /** In "balanced": accepting one failed, as when descriptors run out. */
  readonly onAcceptError: (code: string) => void;
}

interface ServerHandle extends RawHandle {
  readonly fd: number;
  onconnection?: (status: number, client: RawHandle | undefined) => void;
  getsockname?(out: { address?: string; port?: number }): number;
  listen(backlog: number): number;
  close(): void;
}

type CreateServerHandle = (
  address: string | null,
  port: number,
  addressType: 4 | 6 | -1,
  fd?: number,
  flags?: number,
) => ServerHandle | number;

type SetupListenHandle = (
  address: null,
  port: -1,
  addressType: -1,
  backlog: number,
) => void;

const { _createServerHandle } = net as unknown as {
  _createServerHandle: CreateServerHandle;
};

/** A handle that has its address. */
interface Bound {
  readonly handle: ServerHandle;
  /** Of a unix socket. */
  readonly file?: SocketFile | undefined;
}

type PathAddress = Extract<ListenAddress, { socketPath: string }>;
type PortAddress = Extract<ListenAddress, { port: number }>;

/** `UV_TCP_IPV6ONLY` of libuv. */
const IPV6_ONLY = 1;

export class ListenSocket {
  /** Where it listens; the port is the real one where 0 was asked for. */
  readonly address: ListenAddress;
  readonly #options: ListenOptions;
  readonly #handle: ServerHandle;
  readonly #file: SocketFile | undefined;
  #isOpen = true;

  private constructor(options: ListenOptions, { handle, file }: Bound) {
    this.#options = options;
    this.#handle = handle;
    this.#file = file;
    this.address = withRealPort(options.address, handle);
  }

  /**
   * Has the address from then on. Nobody is accepted yet.
   *
   * @throws StartError that says why the address cannot be had
   */
  static async open(options: ListenOptions): Promise<ListenSocket> {
    const { address, fd, setBy } = options;
    try {
      const bound =
        fd === undefined ? await bind(options) : inherit(options, fd);
      return new ListenSocket(options, bound);
    } catch (error) {
      throw toListenError(address, error as NodeJS.ErrnoException, setBy);
    }
  }

  /** For a process that is to inherit it; good until it is closed. */
  get fd(): number {
    return this.#handle.fd;
  }

  /** In "shared": what workers accept on, as long as it is open. */
  get sharedHandle(): RawHandle | undefined {
    const { scheduling } = this.#options;
    const isShared = scheduling === "shared" && this.#isOpen;
    return isShared ? this.#handle : undefined;
  }

  /**
   * In "balanced": accepts from now on. In "shared" the workers do.
   *
   * @throws StartError where the socket cannot listen
   */
  accept(): void {
    const { scheduling, backlog, onConnection, onAcceptError } = this.#options;
    if (scheduling === "shared") return;
    this.#handle.onconnection = (status, client) => {
      if (client) onConnection(client);
      else onAcceptError(util.getSystemErrorName(status));
    };
    const status = this.#handle.listen(backlog);
    if (status !== 0) throw this.toError(errorOf(status));
  }

  /** For an error of listening on it: that names the address. */
  toError(error: NodeJS.ErrnoException): StartError {
    const { address, setBy } = this.#options;
    return toListenError(address, error, setBy);
  }

  /**
   * Lets a server of Node's accept, in whatever scheduling. `server.listen`
   * takes handles of TCP only.
   *
   * The server emits "listening", or "error" where the socket cannot listen.
   */
  serve(server: net.Server): void {
    Object.assign(server, { _handle: this.#handle });
    const { _listen2 } = server as unknown as { _listen2: SetupListenHandle };
    _listen2.call(server, null, -1, -1, this.#options.backlog);
  }

  /**
   * Accepts no more. Where another process has the socket too, it goes on: then
   * the file of a unix socket must stay.
   */
  close({ keepsFile = false } = {}): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    // First the name: nobody may find a socket on which nobody listens.
    if (!keepsFile) this.#file?.remove();
    this.#handle.close();
  }
}

function inherit(options: ListenOptions, fd: number): Bound {
  const { address, keepsFile, files = new PrivilegedFiles() } = options;
  const isOurs = "socketPath" in address && !keepsFile;
  const file = isOurs
    ? files.make(address.socketPath, () => adoptFile(address, files))
    : undefined;
  const handle = _createServerHandle(null, 0, -1, fd);
  if (typeof handle !== "number") return { handle, file };
  throw new Error(`the inherited descriptor ${fd} is no socket to listen on`);
}

function adoptFile(
  { socketPath, mode }: PathAddress,
  files: PrivilegedFiles,
): SocketFile {
  const file = SocketFile.adopt(socketPath, mode);
  files.give(socketPath);
  return file;
}

function bind({ address, files }: ListenOptions): Promise<Bound> {
  return "socketPath" in address ? bindPath(address, files) : bindPort(address);
}

async function bindPath(
  { socketPath, mode }: PathAddress,
  files = new PrivilegedFiles(),
): Promise<Bound> {
  const file = await SocketFile.prepare(socketPath);
  const { temporaryPath } = file;
  return files.make(temporaryPath, () => {
    const handle = created(_createServerHandle(temporaryPath, -1, -1));
    try {
      files.give(temporaryPath);
      file.place(mode);
    } catch (error) {
      handle.close();
      throw error;
    }
    return { handle, file };
  });
}

async function bindPort({ host, port, ipv6Only }: PortAddress): Promise<Bound> {
  const { address, family } = await dns.lookup(host);
  const flags = family === 6 && ipv6Only ? IPV6_ONLY : 0;
  const type = family === 6 ? 6 : 4;
  const handle = created(
    _createServerHandle(address, port, type, undefined, flags),
  );
  // A port that is taken shows only when the bound name is asked for.
  const status = handle.getsockname?.({}) ?? 0;
  if (status === 0) return { handle };
  handle.close();
  throw errorOf(status);
}

function created(handle: ServerHandle | number): ServerHandle {
  if (typeof handle === "number") throw errorOf(handle);
  return handle;
}

function withRealPort(
  address: ListenAddress,
  handle: ServerHandle,
): ListenAddress {
  if ("socketPath" in address) return address;
  const bound: { port?: number } = {};
  handle.getsockname?.(bound);
  return { ...address, port: bound.port ?? address.port };
}

function errorOf(status: number): NodeJS.ErrnoException {
  const code = util.getSystemErrorName(status);
  return Object.assign(new Error(code), { code });
}
