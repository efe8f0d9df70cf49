import "./sdk.js";
import { createApp, text } from "../../../dist/index.js";

const app = createApp();
app.get("/", () => text("Hello World"));

export default app;
