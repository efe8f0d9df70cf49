import type { ScenarioResult } from "../results-file.ts";
import { compactSvg } from "./compact-svg.ts";
import { PLOTS } from "./plot-list.ts";

/**
 * The pictures of all that was measured, by name.
 *
 * @throws Error where the packages of bench/package.json are not installed
 */
export async function drawPlots(
  results: readonly ScenarioResult[],
): Promise<Map<string, string>> {
  const svgOf = await loadRenderer();
  const pictures = new Map<string, string>();
  for (const { name, alt, spec } of PLOTS) {
    const drawn = spec(results);
    if (drawn) pictures.set(name, compactSvg(await svgOf(drawn), alt));
  }
  return pictures;
}

/** Not before it is needed: it is not installed for anything else. */
async function loadRenderer(): Promise<(spec: object) => Promise<string>> {
  try {
    return (await import("./svg-of.js")).svgOf;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== "ERR_MODULE_NOT_FOUND") throw cause;
    const remedy = '"npm --prefix bench ci" installs it';
    throw new Error(`what draws plots is missing; ${remedy}`, { cause });
  }
}
