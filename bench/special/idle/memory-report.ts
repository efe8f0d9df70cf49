import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { waitUntil } from "../../../test/support/wait-until.ts";
import { parsePrivateDirtyBytes } from "../../process-stat.ts";
import { treePids } from "../../process-tree.ts";

const COLLECTOR = path.join(import.meta.dirname, "collect-on-signal.js");
const COLLECT_TIMEOUT_MS = 20_000;

/** Of all processes of a server, right after they have collected garbage. */
export interface ServerMemory {
  /** What no other process shares and was written to. */
  readonly privateDirtyBytes: number;
  /** Of that, what is in V8's heap and alive. */
  readonly heapUsedBytes: number;
}

/** What `collect-on-signal.js` says of its process. */
interface ProcessReport {
  readonly pid: number;
  readonly heapUsedBytes: number;
}

/** Of V8's young generation, which can have less or more by itself. */
const YOUNG_MIB = 16;

/** Has the processes of a server collect their garbage, and asks for memory. */
export class MemoryReport {
  readonly #folder = mkdtempSync(path.join(os.tmpdir(), "remuda-idle-"));
  readonly #file = path.join(this.#folder, "report");

  constructor() {
    writeFileSync(this.#file, "");
  }

  /**
   * What node is to be given before the script of the server. The young
   * generation has its full size from the start: otherwise it grows some time,
   * by more than all connections take.
   */
  get nodeArgs(): readonly string[] {
    const url = pathToFileURL(COLLECTOR);
    url.searchParams.set("report", this.#file);
    return [
      "--expose-gc",
      `--min-semi-space-size=${YOUNG_MIB}`,
      `--max-semi-space-size=${YOUNG_MIB}`,
      "--import",
      url.href,
    ];
  }

  /** @throws Error where a process does not say in time that it has collected */
  async read(pid: number): Promise<ServerMemory> {
    const pids = treePids(pid);
    const seen = this.#lines().length;
    for (const each of pids) process.kill(each, "SIGPWR");
    const fresh = () => this.#lines().slice(seen);
    await waitUntil(() => fresh().length >= pids.length, {
      what: `processes ${pids.join(", ")} to collect their garbage`,
      timeoutMs: COLLECT_TIMEOUT_MS,
    });
    const reports = fresh();
    return {
      privateDirtyBytes: sum(pids.map(privateDirtyBytesOf)),
      heapUsedBytes: sum(reports.map((one) => one.heapUsedBytes)),
    };
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #lines(): ProcessReport[] {
    const lines = readFileSync(this.#file, "utf8").split("\n").slice(0, -1);
    return lines.map((line) => JSON.parse(line));
  }
}

function privateDirtyBytesOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  return parsePrivateDirtyBytes(text);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
