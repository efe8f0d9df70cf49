/**
 * A listening socket, owned by the master until it exits. It is a raw handle:
 * bound without accepting, or a descriptor that another process bound.
 *
 * - "balanced": the master accepts, and sends each connection as a raw handle,
 *   without a `net.Socket` around it;
 * - "shared": the workers accept, on the handle that they receive.
 */
import dns from "node:dns/promises";
import type net from "node:net";
import util from "node:util";
import type { ListenAddress } from "../../shared/addresses/listen-address.ts";
import type { InheritedSocket } from "../../shared/inheritance.ts";
import type { RawHandle } from "../../shared/ipc-messages.ts";
import {
  acceptOn,
  bindPath,
  bindPort,
  boundPortOf,
  inheritDescriptor,
  type ListeningHandle,
  serveOn,
} from "../../shared/node-internals/listening-handle.ts";
import { PrivilegedFiles } from "../host/privileged-files.ts";
import type { StartError } from "../start-error.ts";
import { type AddressSettings, toListenError } from "./listen-error.ts";
import { SocketFile } from "./socket-file.ts";

export interface ListenOptions {
  readonly address: ListenAddress;
  /** Settings of the address, for error messages. */
  readonly setBy?: AddressSettings | undefined;
  readonly backlog: number;
  readonly scheduling: "balanced" | "shared";
  /** Descriptor that another process has bound to the address. */
  readonly fd?: number | undefined;
  /** Whether the file of a unix socket is never removed. */
  readonly keepsFile?: boolean | undefined;
  /** Creates the file of a unix socket. */
  readonly files?: PrivilegedFiles | undefined;
  /** Only in "balanced": a client has connected. */
  readonly onConnection: (handle: RawHandle) => void;
  /** Only in "balanced": accepting failed, as when descriptors run out. */
  readonly onAcceptError: (code: string) => void;
}

export interface MasterSocketOptions {
  readonly address: ListenAddress;
  /** Settings of the address, for error messages. */
  readonly setBy?: AddressSettings | undefined;
  /** The socket, if another master or a service manager has bound it. */
  readonly inherited?: InheritedSocket | undefined;
  /** Creates the file of a unix socket. */
  readonly files?: PrivilegedFiles | undefined;
}

/**
 * A port that the master itself serves; the next master inherits its socket.
 */
export interface MasterPort extends InheritedSocket {
  /** Contains the actual port if the setting is 0. */
  readonly address: ListenAddress;
}

/** Backlog of the ports of the master; this is Node's default. */
const MASTER_BACKLOG = 511;

/** A handle that is bound to its address. */
interface Bound {
  readonly handle: ListeningHandle;
  /** The file of a unix socket. */
  readonly file?: SocketFile | undefined;
}

type PathAddress = Extract<ListenAddress, { socketPath: string }>;
type PortAddress = Extract<ListenAddress, { port: number }>;

export class ListenSocket {
  /** Contains the actual port if the setting is 0. */
  readonly address: ListenAddress;
  readonly #options: ListenOptions;
  readonly #handle: ListeningHandle;
  readonly #file: SocketFile | undefined;
  #isOpen = true;

  private constructor(options: ListenOptions, { handle, file }: Bound) {
    this.#options = options;
    this.#handle = handle;
    this.#file = file;
    this.address = withActualPort(options.address, handle);
  }

  /**
   * Binds the address. No clients are accepted yet.
   *
   * @throws StartError with the reason if the address is not available
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

  /** Descriptor for a process that inherits the socket; valid until `close`. */
  get fd(): number {
    return this.#handle.fd;
  }

  /** Only in "shared", and until `close`: the handle for the workers. */
  get sharedHandle(): RawHandle | undefined {
    const { scheduling } = this.#options;
    const isShared = scheduling === "shared" && this.#isOpen;
    return isShared ? this.#handle : undefined;
  }

  /**
   * In "balanced": accepts from now on. In "shared" the workers accept.
   *
   * @throws StartError if the socket cannot listen
   */
  accept(): void {
    const { scheduling, backlog, onConnection, onAcceptError } = this.#options;
    if (scheduling === "shared") return;
    const status = acceptOn(this.#handle, backlog, {
      onConnection,
      onAcceptError: (code) => onAcceptError(util.getSystemErrorName(code)),
    });
    if (status !== 0) throw this.toError(errorOf(status));
  }

  /** Converts a system error to one with the address. */
  toError(error: NodeJS.ErrnoException): StartError {
    const { address, setBy } = this.#options;
    return toListenError(address, error, setBy);
  }

  /**
   * Makes a Node server accept on the socket, in either scheduling mode.
   * `server.listen` supports only TCP handles.
   *
   * The server emits "listening", or "error" if the socket cannot listen.
   */
  serve(server: net.Server): void {
    serveOn(this.#handle, server, this.#options.backlog);
  }

  /**
   * Stops accepting.
   *
   * @param options.keepsFile whether the file of a unix socket must stay,
   * because another process accepts on the same socket
   */
  close({ keepsFile = false } = {}): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    // The file first: no client may find a socket that does not listen.
    if (!keepsFile) this.#file?.remove();
    this.#handle.close();
  }
}

/**
 * Opens a socket for a Node server in the master.
 *
 * @throws StartError with the reason if the address is not available
 */
export function openMasterSocket({
  address,
  setBy,
  inherited,
  files,
}: MasterSocketOptions): Promise<ListenSocket> {
  return ListenSocket.open({
    address,
    setBy,
    backlog: MASTER_BACKLOG,
    scheduling: "shared",
    ...inherited,
    files,
    onConnection: () => {},
    onAcceptError: () => {},
  });
}

function inherit(options: ListenOptions, fd: number): Bound {
  const { address, keepsFile, files = new PrivilegedFiles() } = options;
  const ownsFile = "socketPath" in address && !keepsFile;
  const file = ownsFile
    ? files.make(address.socketPath, () => adoptFile(address, files))
    : undefined;
  const handle = inheritDescriptor(fd);
  if (handle) return { handle, file };
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
  return "socketPath" in address ? bindFile(address, files) : bindHost(address);
}

async function bindFile(
  { socketPath, mode }: PathAddress,
  files = new PrivilegedFiles(),
): Promise<Bound> {
  const file = await SocketFile.prepare(socketPath);
  const { temporaryPath } = file;
  return files.make(temporaryPath, () => {
    const handle = created(bindPath(temporaryPath));
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

async function bindHost({ host, port, ipv6Only }: PortAddress): Promise<Bound> {
  const { address } = await dns.lookup(host);
  return { handle: created(bindPort(address, port, { ipv6Only })) };
}

function created(handle: ListeningHandle | number): ListeningHandle {
  if (typeof handle === "number") throw errorOf(handle);
  return handle;
}

function withActualPort(
  address: ListenAddress,
  handle: ListeningHandle,
): ListenAddress {
  if ("socketPath" in address) return address;
  return { ...address, port: boundPortOf(handle) ?? address.port };
}

function errorOf(status: number): NodeJS.ErrnoException {
  const code = util.getSystemErrorName(status);
  return Object.assign(new Error(code), { code });
}
