/** A launcher of a command that may have so many descriptors (`ulimit -n`). */
export function descriptorsAtMost(limit: number): readonly string[] {
  return ["sh", "-c", `ulimit -n ${limit} && exec "$@"`, "sh"];
}
