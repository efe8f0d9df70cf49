/**
 * A listening socket, owned by the master for as long as it lives. It is a raw
 * handle: bound without accepting, or a descriptor that another process bound.
 *
 * - "balanced": the master accepts, and gives each connection as a raw handle,
 *   without a `net.Socket` around it;
 * - "shared": the workers accept, on the handle that they are sent.
 */
import dns from "node:dns/promises";
import type net from "node:net";
import util from "node:util";
import type { RawHandle } from "../../shared/ipc-messages.ts";
import type { ListenAddress } from "../../shared/listen-address.ts";
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
import type { AddressSettings } from "./address-settings.ts";
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

/** A handle that has its address. */
interface Bound {
  readonly handle: ListeningHandle;
  /** Of a unix socket. */
  readonly file?: SocketFile | undefined;
}

type PathAddress = Extract<ListenAddress, { socketPath: string }>;
type PortAddress = Extract<ListenAddress, { port: number }>;

export class ListenSocket {
  /** Where it listens; the port is the real one where 0 was asked for. */
  readonly address: ListenAddress;
  readonly #options: ListenOptions;
  readonly #handle: ListeningHandle;
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
    const status = acceptOn(this.#handle, backlog, {
      onConnection,
      onAcceptError: (code) => onAcceptError(util.getSystemErrorName(code)),
    });
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
    serveOn(this.#handle, server, this.#options.backlog);
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

function withRealPort(
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
