/** What Linux says of a process, whatever that does. */
import { readFileSync } from "node:fs";

export interface ProcessFacts {
  /** As "R (running)", "T (stopped)", "D (disk sleep)". */
  readonly state: string | undefined;
  readonly threads: number | undefined;
  readonly residentMemory: string | undefined;
  /** In the kernel's clock ticks, 100 a second. */
  readonly cpuTicks: number | undefined;
  /** Where it sleeps in the kernel. */
  readonly kernelFunction: string | undefined;
}

/** Fields are undefined where the system does not tell. */
export function processFacts(pid: number): ProcessFacts {
  const status = read(`/proc/${pid}/status`);
  const field = (name: string) => {
    return new RegExp(`^${name}:\\s*(.*)$`, "m").exec(status)?.[1];
  };
  const threads = field("Threads");
  const kernelFunction = read(`/proc/${pid}/wchan`);
  return {
    state: field("State"),
    threads: threads === undefined ? undefined : Number(threads),
    residentMemory: field("VmRSS"),
    cpuTicks: cpuTicksIn(read(`/proc/${pid}/stat`)),
    kernelFunction: kernelFunction.length > 1 ? kernelFunction : undefined,
  };
}

/** Fields 14 and 15; the second one, in brackets, may have spaces. */
function cpuTicksIn(stat: string): number | undefined {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]);
  return Number.isNaN(ticks) ? undefined : ticks;
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // not on Linux, or it has gone
  }
}
