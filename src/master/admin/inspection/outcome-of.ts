import type {
  ControlOutcome,
  InspectionAction,
} from "../../../shared/control/control-answer.ts";
import type { InspectionEnd } from "../../supervisor/inspection/inspection-request.ts";

export function outcomeOf(
  action: InspectionAction,
  end: InspectionEnd,
): ControlOutcome {
  return end.result === "success"
    ? { action, result: end.result }
    : { action, result: end.result, error: end.error };
}
