import type { LabelOf } from "../../../shared/metrics/metric-names.ts";

/** Why a worker was replaced. */
export type RestartReason = LabelOf<"restarts">;
