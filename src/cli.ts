#!/usr/bin/env node
import "./shared/early-signals.ts";

// All other modules are loaded when signals can do no harm.
const { runCommand } = await import("./cli/run-command.ts");
await runCommand(process.argv.slice(2));
