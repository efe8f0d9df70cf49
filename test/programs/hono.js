/** A Hono app on its server for Node. */
import { serve } from "@hono/node-server";
import { run } from "./hono-app.js";

run(serve);
