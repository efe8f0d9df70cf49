/** Launcher that limits the descriptors of a command (`ulimit -n`). */
export function descriptorsAtMost(limit: number): readonly string[] {
  return ["sh", "-c", `ulimit -n ${limit} && exec "$@"`, "sh"];
}
