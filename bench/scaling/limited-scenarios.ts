/** Scenarios of small machines: how much of a core an instance has. */
export const CORES_EACH = {
  "instances-work": 0.1,
  "instances-hello": 0.1,
} as const;
