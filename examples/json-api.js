// A small JSON API: list, create, read, replace and delete notes. What it is
// sent is checked by zod ("npm install zod"; the clone has it), and who asks by
// a token.
//
//   NOTES_TOKEN=giddy-up node dist/cli.js start examples/json-api.js
//   curl -i localhost:8080/api/v1/notes -H "Authorization: Bearer giddy-up" \
//     -d '{"text":"feed the horses"}'
//
// Every worker is a process of its own, and a reload replaces them all. So the
// notes are not kept in a variable but in files, one for each note, where all
// workers find them. NOTES_FOLDER says where; the default is temporary.
import { randomUUID } from "node:crypto";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import {
  bearerAuth,
  createApp,
  created,
  HttpError,
  logging,
  noContent,
  ok,
  requestId,
} from "remuda";
import { z } from "zod";

// Thrown at the start: the worker does not become ready, and the log says why.
const token = process.env.NOTES_TOKEN;
if (!token) throw new Error("NOTES_TOKEN must say who may come in");

const folder =
  process.env.NOTES_FOLDER ?? path.join(os.tmpdir(), "remuda-notes");
await fs.mkdir(folder, { recursive: true });

/** What a client may send. */
const Note = z.strictObject({ text: z.string().trim().min(1).max(1_000) });
const Search = z.strictObject({ contains: z.string().max(100).default("") });
const Id = z.uuid();

const auth = bearerAuth({ tokens: { owner: token } });

const app = createApp();
app.use(requestId(), logging());

app.router.group("/api/v1", (api) => {
  // Runs for the routes of this group, and for nothing else.
  api.use(auth, async (request, next) => {
    const response = await next(request);
    return response.with("Cache-Control", "no-store");
  });

  api.get("/notes", async (request) => {
    const { contains } = request.parseQuery(Search);
    const names = (await fs.readdir(folder)).filter((name) =>
      name.endsWith(".json"),
    );
    const notes = await Promise.all(names.map(readIfThere));
    return ok(notes.filter((note) => note?.text.includes(contains)));
  });

  api.post("/notes", async (request) => {
    const { text } = await request.json(Note);
    const note = {
      id: randomUUID(),
      text,
      by: request.context.need(auth.user),
    };
    await write(note);
    return created(note, `/api/v1/notes/${note.id}`);
  });

  api.get("/notes/:id", async ({ pathParams }) =>
    ok(await read(pathParams.id)),
  );

  api.put("/notes/:id", async (request) => {
    const known = await read(request.pathParams.id);
    const { text } = await request.json(Note);
    const note = { ...known, text };
    await write(note);
    return ok(note);
  });

  api.delete("/notes/:id", async ({ pathParams }) => {
    const { id } = await read(pathParams.id);
    await fs.rm(fileOf(id), { force: true });
    return noContent();
  });
});

export default app;

async function read(id) {
  // A parameter is decoded: "..%2Fsecret" must not become a path.
  const isId = Id.safeParse(id).success;
  const note = isId ? await readIfThere(`${id}.json`) : undefined;
  if (note === undefined) throw new HttpError(404, "there is no such note");
  return note;
}

async function readIfThere(name) {
  try {
    return JSON.parse(await fs.readFile(path.join(folder, name), "utf8"));
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** By rename: no other worker ever reads half a note. */
async function write(note) {
  const file = fileOf(note.id);
  const fresh = `${file}.${process.pid}.new`;
  await fs.writeFile(fresh, JSON.stringify(note));
  await fs.rename(fresh, file);
}

function fileOf(id) {
  return path.join(folder, `${id}.json`);
}
