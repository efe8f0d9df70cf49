import { pathToFileURL } from "node:url";
import { messageOf } from "../shared/thrown-value.ts";
import { App } from "./app/app.ts";
import { welcomeApp } from "./app/welcome.ts";
import { placeOf } from "./app-error-place.ts";
import { adviceFor } from "./foreign-app.ts";

let offered: App | undefined;
let isLoading = false;

/** Whether an app module is being loaded: `app.run()` then starts no server. */
export function isLoadingApp(): boolean {
  return isLoading;
}

/** Called by `app.run()` in an app module: sets the app to serve. */
export function offerApp(app: App): void {
  offered = app;
}

/** Thrown for an unusable app module; the message contains the reason. */
export class AppModuleError extends Error {
  override readonly name: string = "AppModuleError";
}

/** Thrown for a module without an App: it may be a program. */
export class NoAppError extends AppModuleError {
  override readonly name = "NoAppError";
}

/**
 * Loads the app of a module: its default export, the result or the argument of
 * a default function, or the app on which it calls `run()`.
 *
 * @param path absolute; undefined for the welcome app
 * @param createApp creates the argument of a default function
 * @param isProgram whether the module has begun to listen by itself; its
 * default function is not called then
 * @throws AppModuleError with the original error as its cause; NoAppError if
 * there is no App
 */
export async function loadApp(
  path: string | undefined,
  createApp: () => App,
  isProgram: () => boolean = () => false,
): Promise<App> {
  if (path === undefined) return welcomeApp();
  const exported = await importDefault(path);
  // An app of some libraries is a function too.
  const isFactory =
    typeof exported === "function" && !adviceFor(exported) && !isProgram();
  const made = isFactory
    ? await callFactory(path, exported as AppFactory, createApp())
    : exported;
  if (isApp(made)) return made;
  if (offered) return offered;
  const advice = adviceFor(made);
  if (advice !== undefined) {
    const verb = isFactory ? "makes" : "exports";
    const { name, write } = advice;
    throw new NoAppError(
      `app module ${path} ${verb} ${name}, and does not listen; call its ` +
        `listen(), or write: ${write}`,
    );
  }
  throw new NoAppError(
    `app module ${path} must listen by itself, or export an App by default ` +
      `(or a function that is given one), or call app.run(); its default ` +
      `export is ` +
      `${exported === undefined ? "missing" : `a ${typeof exported}`}`,
  );
}

/** Hint for a default function with more than one parameter. */
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

/** Accepts the shape of an App: the module may use another copy of Remuda. */
function isApp(value: unknown): value is App {
  if (value instanceof App) return true;
  const app = value as Partial<App> | null | undefined;
  return (
    typeof app === "object" &&
    typeof app?.handle === "function" &&
    typeof app.routes === "function"
  );
}

/** @param what predicate of the message */
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
