import { createApp, logging, text } from "../../../dist/index.js";

const app = createApp();
if (process.env.ACCESS_LOG) app.use(logging());
app.get("/", () => text("Hello World"));

export default app;
