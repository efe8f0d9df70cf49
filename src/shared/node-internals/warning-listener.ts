/**
 * The listener by which Node prints warnings on the standard error.
 *
 * Checked with Node 20.20.2, 24.21.0 and 26.10.0. Node documents the event
 * "warning", and that `--no-warnings` alone ends the printing.
 */
const NAME = "onWarning";

type Listener = (warning: Error) => void;

/** Undefined with `--no-warnings`. */
export function warningListener(): Listener | undefined {
  return process.listeners("warning").find(({ name }) => name === NAME);
}
