/** Readiness of the whole server, which its workers report to a balancer. */
export interface Readiness {
  readonly isReady: boolean;
  /** "ready", or the reason why the server is not ready. */
  readonly why: string;
  /** Whether the server is stopping: every response ends its connection. */
  readonly isClosing: boolean;
}

/** Readiness until the master reports it. */
export const NOT_STARTED: Readiness = {
  isReady: false,
  why: "starting",
  isClosing: false,
};

/** Readiness after the master has died: its workers drain. */
export const MASTER_GONE: Readiness = {
  isReady: false,
  why: "the master is gone",
  isClosing: true,
};
