import type { RouteOptions } from "./route.ts";

const KNOWN: Readonly<Record<keyof RouteOptions, (value: unknown) => boolean>> =
  {
    name: (value) => typeof value === "string" && value !== "",
    maxBodyBytes: (value) => Number.isSafeInteger(value) && Number(value) >= 0,
    handlerTimeoutMs: (value) =>
      Number.isSafeInteger(value) && Number(value) >= 0,
    middleware: Array.isArray,
  };

const VALID: Readonly<Record<keyof RouteOptions, string>> = {
  name: "a text",
  maxBodyBytes: "an integer, 0 or more",
  handlerTimeoutMs: "a whole number of milliseconds, 0 or more",
  middleware: "an array of functions",
};

/** @throws TypeError that names the route, the option and what is valid */
export function checkRouteOptions(options: RouteOptions, route: string): void {
  for (const [name, value] of Object.entries(options)) {
    const key = name as keyof RouteOptions;
    if (!Object.hasOwn(KNOWN, name)) {
      const names = Object.keys(KNOWN).join(", ");
      throw new TypeError(
        `${route} has no option "${name}"; the options are ${names}`,
      );
    }
    if (value !== undefined && !KNOWN[key](value)) {
      throw new TypeError(`option ${name} of ${route} must be ${VALID[key]}`);
    }
  }
}
