import { createApp, text } from "../../../dist/index.js";
import { pageFor } from "./page.js";

const app = createApp();
app.get("/articles/:id", ({ pathParams, cookies, headers }) => {
  const { id } = pathParams;
  const { session } = cookies;
  const language = headers.get("Accept-Language");
  return text(pageFor(id, { session, language, from: headers.get("Referer") }));
});

export default app;
