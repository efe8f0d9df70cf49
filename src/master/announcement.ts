import type { LoadedSettings } from "../shared/config/load-settings.ts";
import type { Logger } from "../shared/logging/logger.ts";
import type { AdminPages } from "./admin/admin-server.ts";
import { ControlSocket } from "./admin/control-socket.ts";
import { PidFile } from "./host/pid-file.ts";
import type { PrivilegedFiles } from "./host/privileged-files.ts";

export interface AnnouncementOptions {
  readonly loaded: Pick<LoadedSettings, "settings" | "origins">;
  readonly logger: Logger;
  readonly files: PrivilegedFiles;
  /** Pages of the control socket. */
  readonly pages: AdminPages;
  readonly maxConnections: number;
  /**
   * Pid of the outgoing master, whose pid file and socket this one replaces.
   */
  readonly outgoingPid: number | undefined;
}

/** The files for finding this master: pid file and control socket. */
export class Announcement {
  readonly #options: AnnouncementOptions;
  #pidFile: PidFile | undefined;
  #controlSocket: ControlSocket | undefined;

  constructor(options: AnnouncementOptions) {
    this.#options = options;
  }

  /** @throws StartError if another daemon owns it, or it is not writable */
  writePidFile(): void {
    const { loaded, files, outgoingPid } = this.#options;
    const { pidFile } = loaded.settings;
    if (pidFile === undefined) return;
    this.#pidFile = PidFile.write(pidFile, { outgoingPid, files });
  }

  /** @throws StartError if the path in a setting is not usable */
  async openControlSocket(): Promise<void> {
    const { loaded, logger, pages, maxConnections } = this.#options;
    const { settings, origins } = loaded;
    this.#controlSocket = await ControlSocket.open({
      ...{ settings, origins, pages, maxConnections },
      succeedsAnother: this.#options.outgoingPid !== undefined,
      onListening: (socketPath) => {
        logger.info({ socketPath }, "control listening");
      },
      onMissing: (reasons) => {
        logger.warn({ reasons }, "no control socket; use signals");
      },
    });
  }

  async closeControlSocket(): Promise<void> {
    try {
      await this.#controlSocket?.close();
    } catch (error) {
      const text = "the control socket was not closed cleanly";
      this.#options.logger.warn({ err: error }, text);
    }
  }

  removePidFile(): void {
    this.#pidFile?.remove();
  }
}
