/** A Hono app on version 2 of its server for Node. */
import { serve } from "hono-node-server-2";
import { run } from "./hono-app.js";

run(serve);
