/** What the master forks. */
import "./shared/early-signals.ts";

// All other modules are loaded when signals can do no harm.
const { createApp } = await import("./create-app.ts");
const { Worker } = await import("./worker/worker.ts");

new Worker({ createApp }).start();
