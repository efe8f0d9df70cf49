import {
  MAX_INSPECTOR_SECONDS,
  MAX_RECORDING_SECONDS,
} from "../../../shared/inspection/inspection-limits.ts";
import { MAX_WORKERS } from "../../../shared/max-workers.ts";
import type { WorkerChoice } from "../../supervisor/inspection/inspection-request.ts";

const DEFAULT_RECORDING_SECONDS = 10;
const DEFAULT_INSPECTOR_SECONDS = 600;

/** What the query of a call asks for, as far as the call uses it. */
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
  const slot = integerIn(query, "worker", MAX_WORKERS);
  const recording = integerIn(query, "seconds", MAX_RECORDING_SECONDS);
  const inspector = integerIn(query, "openSeconds", MAX_INSPECTOR_SECONDS);
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

/** Undefined if it is not given; a text if it is wrong. */
function integerIn(
  query: URLSearchParams,
  name: string,
  max: number,
): number | string | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const value = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= max) return value;
  return `${name} must be an integer, 1 to ${max}`;
}
