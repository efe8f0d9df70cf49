import type { ControlOutcome } from "../../shared/control/control-answer.ts";

/** @throws Error with the daemon's text if that is not an outcome */
export function outcomeIn<Outcome extends ControlOutcome>(
  body: string,
): Outcome {
  let outcome: Partial<Outcome> = {};
  try {
    outcome = JSON.parse(body);
  } catch {
    // Not JSON: reported below.
  }
  if (outcome.action && outcome.result) return outcome as Outcome;
  throw new Error(`the daemon answered: ${body.trim()}`);
}
