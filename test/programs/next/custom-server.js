/** Next.js behind a server of one's own, as in its guide. */
import { createServer } from "node:http";
import next from "next";

const port = Number(process.env.PORT ?? 3000);
const app = next({ dev: false, dir: import.meta.dirname });
const handle = app.getRequestHandler();

await app.prepare();
const server = createServer((request, response) => handle(request, response));
server.listen(port, () => console.log("listens on", server.address().port));
