import {
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** Older reports are removed, so that a crash loop cannot fill a disk. */
const MAX_REPORTS = 10;

const NAME = /^remuda-report-.*\.json$/;

/** The folder of reports on killed workers. */
export class ReportFolder {
  readonly #folder: string;
  /** Whether other users can create it. */
  readonly #isShared: boolean;

  /** @param given default: the log folder of systemd, or one in /tmp */
  constructor(given: string | undefined) {
    const [logs] = (process.env.LOGS_DIRECTORY ?? "").split(":");
    const uid = process.getuid?.() ?? "";
    const own = path.join(tmpdir(), `remuda-reports-${uid}`);
    this.#folder = given ?? (logs || own);
    this.#isShared = this.#folder === own;
  }

  /**
   * Writes a report synchronously: it is small and rare.
   *
   * @param name part of the file name: letters, digits and hyphens
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

  /** In /tmp another user may have created it first. */
  #checkOwner(): void {
    const stat = lstatSync(this.#folder);
    if (stat.isDirectory() && stat.uid === process.getuid?.()) return;
    throw new Error(`${this.#folder} is not a folder of ours`);
  }

  #removeOld(): void {
    // Names begin with the time, so this sorts by age.
    const names = readdirSync(this.#folder).filter((name) => NAME.test(name));
    for (const name of names.sort().slice(0, -MAX_REPORTS)) {
      rmSync(path.join(this.#folder, name), { force: true });
    }
  }
}
