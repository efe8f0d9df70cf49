import {
  MAX_INSPECTOR_SECONDS,
  MAX_RECORDING_SECONDS,
} from "../../../shared/inspection/inspection-limits.ts";
import { MAX_WORKERS } from "../../../shared/max-workers.ts";
import type { WorkerChoice } from "../../supervisor/inspection/inspection-request.ts";
import { integerParameter } from "../integer-parameter.ts";

const DEFAULT_RECORDING_SECONDS = 10;
const DEFAULT_INSPECTOR_SECONDS = 600;

/** The parameters of all calls; each call uses some of them. */
export interface InspectionQuery {
  readonly worker: WorkerChoice;
  readonly recordingSeconds: number;
  readonly inspectorSeconds: number;
  readonly mayStopLast: boolean;
}

/** @returns a text if the query is wrong */
export function readInspection(
  query: URLSearchParams,
): InspectionQuery | string {
  const integer = (name: string, max: number) => {
    return integerParameter(query, name, { min: 1, max });
  };
  const slot = integer("worker", MAX_WORKERS);
  const recording = integer("seconds", MAX_RECORDING_SECONDS);
  const inspector = integer("openSeconds", MAX_INSPECTOR_SECONDS);
  for (const each of [slot, recording, inspector]) {
    if (typeof each === "string") return each;
  }
  if (slot !== undefined && query.has("slowest")) {
    return "worker and slowest exclude each other";
  }
  const other = query.has("slowest") ? "slowest" : "any";
  return {
    worker: slot === undefined ? other : { slot: Number(slot) },
    recordingSeconds: Number(recording ?? DEFAULT_RECORDING_SECONDS),
    inspectorSeconds: Number(inspector ?? DEFAULT_INSPECTOR_SECONDS),
    mayStopLast: query.has("yes"),
  };
}
