/** Main module of a worker process. */
import "./shared/early-signals.ts";

// All other modules load after the signal handlers are in place.
const { createApp } = await import("./create-app.ts");
const { Worker } = await import("./worker/worker.ts");

new Worker({ createApp }).start();
