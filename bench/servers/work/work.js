import { createHash } from "node:crypto";

/** Stays in the fastest cache, whoever else uses the core. */
const MATERIAL = Buffer.alloc(16 * 1024, "work");
const TIMES = 16;

/** What a handler has to compute: always the same, and never less of it. */
export function work() {
  const hash = createHash("sha256");
  for (let done = 0; done < TIMES; done++) hash.update(MATERIAL);
  return hash.digest("hex");
}
