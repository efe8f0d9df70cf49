import { setTimeout as delay } from "node:timers/promises";
import type { InspectionTask } from "../../shared/inspection/watchdog-channel.ts";
import type { MainThread } from "./main-thread.ts";

type ProfileTask = Extract<InspectionTask, { readonly seconds: number }>;

interface ProfileMethods {
  readonly enable: string;
  readonly start: string;
  readonly stop: string;
}

/** Both have defaults of V8: a sample each millisecond, or each 32 KiB. */
const METHODS: Readonly<Record<ProfileTask["kind"], ProfileMethods>> = {
  cpuProfile: {
    enable: "Profiler.enable",
    start: "Profiler.start",
    stop: "Profiler.stop",
  },
  heapProfile: {
    enable: "HeapProfiler.enable",
    start: "HeapProfiler.startSampling",
    stop: "HeapProfiler.stopSampling",
  },
};

/** The main thread is busy when many functions are to be listed. */
const STOP_TIMEOUT_MS = 30_000;

export interface RecordedProfile {
  /** In the format of DevTools: `.cpuprofile` or `.heapprofile`. */
  readonly json: string;
  readonly seconds: number;
}

/** @param signal ends the recording before its time */
export async function recordProfile(
  main: MainThread,
  { kind, seconds }: ProfileTask,
  on: { readonly begun: () => void; readonly signal: AbortSignal },
): Promise<RecordedProfile> {
  const { enable, start, stop } = METHODS[kind];
  await main.call(enable);
  await main.call(start);
  if (kind === "cpuProfile") await discardOptimizedCode(main);
  const startedAt = performance.now();
  on.begun();
  await delay(seconds * 1000, undefined, { signal: on.signal }).catch(() => {});
  const recordedSeconds = (performance.now() - startedAt) / 1000;
  const { profile } = await main.call<{ profile: object }>(
    stop,
    {},
    STOP_TIMEOUT_MS,
  );
  return { json: JSON.stringify(profile), seconds: recordedSeconds };
}

/**
 * V8 attributes a loop that it optimized before the recording to the caller of
 * its function. Coverage discards optimized code in a few milliseconds; V8 then
 * optimizes it again with the information that the profiler needs.
 */
async function discardOptimizedCode(main: MainThread): Promise<void> {
  const options = { callCount: false, detailed: false };
  await main.call("Profiler.startPreciseCoverage", options);
  await main.call("Profiler.stopPreciseCoverage");
}
