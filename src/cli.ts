#!/usr/bin/env node
import "./shared/early-signals.ts";

// All other modules load after the signal handlers are in place.
const { runCommand } = await import("./cli/run-command.ts");
await runCommand(process.argv.slice(2));
