#!/usr/bin/env node
import "./shared/early-signals.ts";
import { runCommand } from "./command.ts";

await runCommand(process.argv.slice(2));
