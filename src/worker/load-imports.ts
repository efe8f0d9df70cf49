import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Settings } from "../shared/config/settings.ts";
import { messageOf } from "../shared/thrown-value.ts";
import { placeOf } from "./app-error-place.ts";
import { AppModuleError } from "./load-app.ts";

/**
 * Loads the modules of the setting `import`, one after the other. Packages are
 * those that the app would get.
 *
 * @throws AppModuleError with the original error as its cause
 */
export async function loadImports(settings: Settings): Promise<void> {
  const { import: modules, app = path.resolve("app") } = settings;
  for (const module of modules) {
    const file = path.isAbsolute(module) ? module : fileOf(module, app);
    await load(file);
  }
}

/** @param app absolute; packages are looked for from its folder upwards */
function fileOf(name: string, app: string): string {
  try {
    return createRequire(app).resolve(name);
  } catch (cause) {
    const hint = "a package that has no such export is imported by a file";
    const text =
      `there is no module "${name}" to import for ${app}: ` +
      `${messageOf(cause)} (the path of a file begins with ./; ${hint})`;
    throw new AppModuleError(text, { cause });
  }
}

async function load(file: string): Promise<void> {
  try {
    await import(pathToFileURL(file).href);
  } catch (cause) {
    const place = await placeOf(cause, file);
    const text = `module ${file} failed to load: ${messageOf(cause)}${place}`;
    throw new AppModuleError(text, { cause });
  }
}
