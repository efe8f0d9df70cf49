/** From the app module to an app or a program that can serve. */
import { maxBodyBytesOf } from "../shared/config/max-body-bytes.ts";
import type { Settings } from "../shared/config/settings.ts";
import { isInstance } from "../shared/thrown-value.ts";
import type { App } from "./app/app.ts";
import type { HostedProgram } from "./hosting/hosted-program.ts";
import { broken, loadApp, NoAppError } from "./load-app.ts";
import { loadImports } from "./load-imports.ts";
import { startRateLimits } from "./middleware/rate-limit/rate-limit-host.ts";
import type { WorkerListeners } from "./worker-listeners.ts";

export interface BootOptions {
  readonly settings: Settings;
  /** Creates the app that an app module's default function receives. */
  readonly createApp: () => App;
  readonly program: HostedProgram;
  readonly listeners: WorkerListeners;
  /** Whether the configured listener has to be asked for. */
  readonly isOnDemand: boolean;
  /** The app is there, and not started: a stop runs its hooks from now on. */
  readonly onLoaded: (app: App) => void;
}

/**
 * Loads and starts the app, and adds its listeners.
 *
 * @returns undefined for a program, which listens by itself
 * @throws AppModuleError for a module that is neither, or an import that fails
 */
export async function bootApp(options: BootOptions): Promise<App | undefined> {
  const { program, settings } = options;
  await loadImports(settings);
  const app = await load(options);
  await startRateLimits();
  if (app) {
    options.onLoaded(app);
    await serve(app, options);
  }
  await program.whenSettled();
  return app;
}

async function load({
  settings,
  createApp,
  program,
}: BootOptions): Promise<App | undefined> {
  try {
    return await loadApp(settings.app, createApp, () => program.hasListened);
  } catch (error) {
    if (!isInstance(error, NoAppError)) throw error;
    await program.whenListening(error);
    return undefined;
  }
}

async function serve(app: App, options: BootOptions): Promise<void> {
  const { settings, isOnDemand, program, listeners } = options;
  app.prepare({ maxRouteBodyBytes: maxBodyBytesOf(settings) });
  await start(app, settings.app);
  if (isOnDemand) await program.openConfigured();
  listeners.addConfigured({
    handler: app.handle.bind(app),
    maxBodyBytes: bodyLimitFor(app, settings),
    accepts: app.accepts,
    agents: app.agents,
  });
}

/** @throws AppModuleError if a hook fails */
async function start({ lifecycle }: App, path = "none"): Promise<void> {
  try {
    await lifecycle.start();
  } catch (error) {
    throw await broken(path, "failed in onStart()", error);
  }
}

/** By default an existing app is sent bodies of any length: it has limits. */
function bodyLimitFor({ isExisting }: App, settings: Settings): number {
  const isAny = isExisting && settings.maxBodyBytes === "auto";
  return isAny ? Number.POSITIVE_INFINITY : maxBodyBytesOf(settings);
}
