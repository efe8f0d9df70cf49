/** Checks that compare settings which are valid by themselves. */
import * as z from "zod";
import { valueAt } from "../value-at.ts";

/** Refuses `lower` above `upper`, unless one of them is refused already. */
export function notOver(lower: string, upper: string) {
  const compare = (settings: object, context: z.core.$RefinementCtx) => {
    const [least, most] = [valueAt(settings, lower), valueAt(settings, upper)];
    if (typeof least !== "number" || typeof most !== "number") return;
    if (least <= most) return;
    const params = { valid: `at most ${upper} (${most})` };
    context.addIssue({ code: "custom", path: lower.split("."), params });
  };
  const when = ({ issues }: z.core.ParsePayload) =>
    !issues.some(({ path }) => [lower, upper].includes(path?.join(".") ?? ""));
  return z.superRefine<object>(compare, { when });
}

/** Refuses a setting that has no effect without another one. */
export function needs(name: string, other: string) {
  const check = (settings: object, context: z.core.$RefinementCtx) => {
    if (valueAt(settings, name) === undefined) return;
    if (valueAt(settings, other) !== undefined) return;
    const params = { valid: `given together with ${other}` };
    context.addIssue({ code: "custom", path: name.split("."), params });
  };
  const when = ({ issues }: z.core.ParsePayload) =>
    !issues.some(({ path }) => path?.[0] === name.split(".")[0]);
  return z.superRefine<object>(check, { when });
}

/** Refuses a setting above 0 if another one, which it needs, is 0. */
export function needsNonZero(name: string, other: string) {
  const check = (settings: object, context: z.core.$RefinementCtx) => {
    if (valueAt(settings, name) === 0 || valueAt(settings, other) !== 0) return;
    const params = { valid: `0, or given together with ${other}` };
    context.addIssue({ code: "custom", path: [name], params });
  };
  const when = ({ issues }: z.core.ParsePayload) =>
    !issues.some(({ path }) => [name, other].includes(String(path?.[0])));
  return z.superRefine<object>(check, { when });
}
