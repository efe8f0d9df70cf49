// A small JSON API: list, create, read, replace and delete notes.
//
//   node dist/cli.js start examples/json-api.js
//   curl -i localhost:8080/api/v1/notes -d '{"text":"feed the horses"}'
//
// Every worker is a process of its own, and a reload replaces them all. So the
// notes are not kept in a variable but in files, one for each note, where all
// workers find them. NOTES_FOLDER says where; the default is temporary.
import { randomUUID } from "node:crypto";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { createApp, created, HttpError, logging, noContent, ok } from "remuda";

const folder =
  process.env.NOTES_FOLDER ?? path.join(os.tmpdir(), "remuda-notes");
await fs.mkdir(folder, { recursive: true });

const MAX_TEXT_LENGTH = 1_000;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const app = createApp();
app.use(logging());

app.router.group("/api/v1", (api) => {
  // Runs for the routes of this group, and for nothing else.
  api.use(async (request, next) => {
    const response = await next(request);
    return response.with("Cache-Control", "no-store");
  });

  api.get("/notes", async () => {
    const names = (await fs.readdir(folder)).filter((name) =>
      name.endsWith(".json"),
    );
    const notes = await Promise.all(names.map(readIfThere));
    return ok(notes.filter((note) => note !== undefined));
  });

  api.post("/notes", async (request) => {
    const { text } = checkNote(await request.json());
    const note = { id: randomUUID(), text };
    await write(note);
    return created(note, `/api/v1/notes/${note.id}`);
  });

  api.get("/notes/:id", async ({ pathParams }) =>
    ok(await read(pathParams.id)),
  );

  api.put("/notes/:id", async (request) => {
    const { id } = await read(request.pathParams.id);
    const { text } = checkNote(await request.json());
    const note = { id, text };
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

/** What the client sent is a note, or it is told what is wrong. */
function checkNote(value) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new HttpError(422, "a note is an object");
  }
  const { text, ...others } = value;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw new HttpError(422, `a note has no "${unknown}"`);
  }
  if (typeof text !== "string" || text.trim() === "") {
    throw new HttpError(422, "text must be a text that is not empty");
  }
  if (text.length > MAX_TEXT_LENGTH) {
    throw new HttpError(422, `text has at most ${MAX_TEXT_LENGTH} characters`);
  }
  return { text };
}

async function read(id) {
  // A parameter is decoded: "..%2Fsecret" must not become a path.
  const note = UUID.test(id) ? await readIfThere(`${id}.json`) : undefined;
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
