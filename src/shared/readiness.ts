/** How the server as a whole stands: what its workers tell a balancer. */
export interface Readiness {
  readonly isReady: boolean;
  /** "ready", or why it is not. */
  readonly why: string;
  /** It is about to stop: each answer is the last one on its connection. */
  readonly isClosing: boolean;
}

/** Of a server of which nothing has been heard yet. */
export const NOT_STARTED: Readiness = {
  isReady: false,
  why: "starting",
  isClosing: false,
};

/** Of a server whose master has died: its workers leave. */
export const MASTER_GONE: Readiness = {
  isReady: false,
  why: "the master is gone",
  isClosing: true,
};
