import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

/** Goes with what has made it, or with this process. */
export class ScratchFolder {
  readonly path: string;

  constructor() {
    this.path = mkdtempSync(path.join(os.tmpdir(), "remuda-bench-"));
    process.on("exit", this.#remove);
  }

  remove(): void {
    process.off("exit", this.#remove);
    this.#remove();
  }

  readonly #remove = (): void => {
    rmSync(this.path, { recursive: true, force: true });
  };
}
