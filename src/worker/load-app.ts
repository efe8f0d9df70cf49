import { pathToFileURL } from "node:url";
import { messageOf } from "../shared/thrown-value.ts";
import { App } from "./app/app.ts";
import { welcomeApp } from "./app/welcome.ts";
import { placeOf } from "./app-error-place.ts";
import { adviceFor } from "./foreign-app.ts";

let offered: App | undefined;
let isLoading = false;

/** Whether an app module is loaded now: `app.run()` in it starts no server. */
export function isLoadingApp(): boolean {
  return isLoading;
}

/** `app.run()` of a script that a worker loads: this is the app to serve. */
export function offerApp(app: App): void {
  offered = app;
}

/** An app module that cannot be used; the message says why. */
export class AppModuleError extends Error {
  override readonly name = "AppModuleError";
}

/**
 * The app that a module exports by default, that a function it exports by
 * default makes or fills, or on which its script calls `run()`.
 *
 * @param path absolute; undefined for the welcome app
 * @param createApp makes the app that a default function is given
 * @throws AppModuleError, with what went wrong as its cause
 */
export async function loadApp(
  path: string | undefined,
  createApp: () => App,
): Promise<App> {
  if (path === undefined) return welcomeApp();
  const exported = await importDefault(path);
  // Some libraries make apps that are functions.
  const isFactory = typeof exported === "function" && !adviceFor(exported);
  const made = isFactory
    ? await callFactory(path, exported as AppFactory, createApp())
    : exported;
  if (isApp(made)) return made;
  if (offered) return offered;
  const advice = adviceFor(made);
  if (advice !== undefined) {
    const verb = isFactory ? "makes" : "exports";
    throw new AppModuleError(`app module ${path} ${verb} ${advice}`);
  }
  throw new AppModuleError(
    `app module ${path} must export an App by default (or a function that ` +
      `is given one), or call app.run(); its default export is ` +
      `${exported === undefined ? "missing" : `a ${typeof exported}`}`,
  );
}

/** Hint for a default function that takes more parameters than it is given. */
const LISTENER_HINT =
  ", which is given an app and nothing else (of a listener of node:http write " +
  "export default serveNode(listener))";

type AppFactory = (app: App) => unknown;

async function importDefault(path: string): Promise<unknown> {
  isLoading = true;
  try {
    const module = await import(pathToFileURL(path).href);
    return module.default;
  } catch (cause) {
    throw await broken(path, "failed to load", cause);
  } finally {
    isLoading = false;
  }
}

async function callFactory(
  path: string,
  factory: AppFactory,
  app: App,
): Promise<unknown> {
  try {
    return (await factory(app)) ?? app;
  } catch (cause) {
    const looks = factory.length > 1 ? LISTENER_HINT : "";
    throw await broken(path, `failed in its default function${looks}`, cause);
  }
}

/** By shape: the module may have its own copy of this package. */
function isApp(value: unknown): value is App {
  if (value instanceof App) return true;
  const app = value as Partial<App> | null | undefined;
  return (
    typeof app === "object" &&
    typeof app?.handle === "function" &&
    typeof app.routes === "function"
  );
}

/** @param what it did, after its name */
export async function broken(
  path: string,
  what: string,
  cause: unknown,
): Promise<AppModuleError> {
  const why = messageOf(cause);
  const place = await placeOf(cause, path);
  const text = `app module ${path} ${what}: ${why}${place}`;
  return new AppModuleError(text, { cause });
}
