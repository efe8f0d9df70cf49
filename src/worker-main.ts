/** What the master forks. */
import "./shared/early-signals.ts";
import { createApp } from "./create-app.ts";
import { Worker } from "./worker/worker.ts";

new Worker({ createApp }).start();
