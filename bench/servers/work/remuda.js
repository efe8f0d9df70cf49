import { createApp, text } from "../../../dist/index.js";
import { work } from "./work.js";

const app = createApp();
app.get("/", () => text(work()));
app.get("/warm-up", () => text("ready"));

export default app;
