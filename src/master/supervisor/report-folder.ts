import {
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** The oldest are removed: a crash loop must not fill a disk. */
const MAX_REPORTS = 10;

const NAME = /^remuda-report-.*\.json$/;

/** Where reports on workers that were killed are kept. */
export class ReportFolder {
  readonly #folder: string;
  /** Whether its place is one where others may put things too. */
  readonly #isShared: boolean;

  /** @param given default: systemd's folder for logs, or one of our own */
  constructor(given: string | undefined) {
    const [logs] = (process.env.LOGS_DIRECTORY ?? "").split(":");
    const uid = process.getuid?.() ?? "";
    const own = path.join(tmpdir(), `remuda-reports-${uid}`);
    this.#folder = given ?? (logs || own);
    this.#isShared = this.#folder === own;
  }

  /**
   * Writes a report at once: it is small, and rare.
   *
   * @param name what is in the file's name: letters, digits, hyphens
   * @returns the file
   * @throws Error where it cannot be written
   */
  write(name: string, report: object): string {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    if (this.#isShared) this.#checkOwner();
    const at = new Date().toISOString().replaceAll(/[:.]/g, "-");
    const file = path.join(this.#folder, `remuda-report-${at}-${name}.json`);
    const text = `${JSON.stringify(report, null, 2)}\n`;
    writeFileSync(file, text, { flag: "wx", mode: 0o600 });
    this.#removeOld();
    return file;
  }

  /** In a folder for everybody, somebody else may have been there first. */
  #checkOwner(): void {
    const stat = lstatSync(this.#folder);
    if (stat.isDirectory() && stat.uid === process.getuid?.()) return;
    throw new Error(`${this.#folder} is not a folder of ours`);
  }

  #removeOld(): void {
    // Their names begin with the time.
    const names = readdirSync(this.#folder).filter((name) => NAME.test(name));
    for (const name of names.sort().slice(0, -MAX_REPORTS)) {
      rmSync(path.join(this.#folder, name), { force: true });
    }
  }
}
