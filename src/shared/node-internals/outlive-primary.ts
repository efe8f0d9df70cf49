/**
 * Keeps a worker of a cluster alive when the channel to its primary closes.
 *
 * Checked with Node 20.20.2, 24.21.0 and 26.10.0. Node documents that a worker
 * exits then, unless it has called `worker.disconnect()`, which sets the same
 * property and closes the worker's servers as well.
 */
import cluster from "node:cluster";

/** In a process that is no worker it does nothing. */
export function outlivePrimary(): void {
  if (cluster.worker) cluster.worker.exitedAfterDisconnect = true;
}
