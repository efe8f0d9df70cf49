import { existsSync } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";

/** The memory of a worker may hold secrets. */
const ONLY_OWNER = 0o600;

/**
 * A file that appears at its path when it is complete. Until then it has
 * another name in the same folder.
 */
export class OutputFile {
  readonly path: string;
  readonly #partPath: string;
  readonly #handle: FileHandle;
  #bytes = 0;

  private constructor(path: string, partPath: string, handle: FileHandle) {
    this.path = path;
    this.#partPath = partPath;
    this.#handle = handle;
  }

  /** @throws Error if it exists, or its folder is not writable */
  static async create(path: string): Promise<OutputFile> {
    OutputFile.checkFree(path);
    const partPath = `${path}.${process.pid}.part`;
    const handle = await open(partPath, "wx", ONLY_OWNER);
    return new OutputFile(path, partPath, handle);
  }

  /** @throws Error if the file exists */
  static checkFree(path: string): void {
    if (existsSync(path)) throw new Error(`${path} exists already`);
  }

  get bytes(): number {
    return this.#bytes;
  }

  async write(data: Uint8Array): Promise<void> {
    await this.#handle.writeFile(data);
    this.#bytes += data.length;
  }

  /** Closes the file and gives it its name. */
  async finish(): Promise<void> {
    await this.#handle.close();
    await rename(this.#partPath, this.path);
  }

  /** Closes and removes the file. */
  async discard(): Promise<void> {
    await this.#handle.close().catch(() => {});
    await rm(this.#partPath, { force: true });
  }
}
