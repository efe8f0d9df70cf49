/** Workers that have no master any more, and no clients. */
export function killAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has left by itself.
    }
  }
}
