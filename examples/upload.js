// Uploads: files of a form, and one that is too large to be in memory.
//
//   node dist/cli.js start examples/upload.js --max-body-bytes 1000000000
//   curl localhost:8080/photos -F title=Horse -F photo=@horse.jpg
//   curl -T large.iso localhost:8080/files
//
// UPLOAD_FOLDER says where they go; the default is temporary.
import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { createApp, created, HttpError, html } from "remuda";

const folder =
  process.env.UPLOAD_FOLDER ?? path.join(os.tmpdir(), "remuda-uploads");
await fs.mkdir(folder, { recursive: true });

const MAX_PHOTO_BYTES = 5_000_000;

const PAGE = `<!doctype html>
<title>Upload</title>
<form action="/photos" method="post" enctype="multipart/form-data">
  <input name="title" required>
  <input name="photo" type="file" accept="image/*" multiple required>
  <button>Upload</button>
</form>
`;

const app = createApp();

app.get("/", () => html(PAGE));

// A form is read whole, so its files have a limit of their own here.
app.post("/photos", async (request) => {
  const form = await request.formData({
    maxParts: 10,
    maxFileBytes: MAX_PHOTO_BYTES,
  });
  const title = form.get("title");
  if (typeof title !== "string" || title.trim() === "") {
    throw new HttpError(422, "title must be a text that is not empty");
  }
  const files = form.getAll("photo").filter((each) => each instanceof File);
  if (files.length === 0) throw new HttpError(422, "there is no photo");
  const photos = await Promise.all(files.map(keep));
  return created({ title, photos });
});

// A body goes to the disk as it comes: while the disk is busy, the client is
// held back.
app.put("/files", async ({ body }) => {
  const id = randomUUID();
  const file = path.join(folder, id);
  try {
    await pipeline(body, createWriteStream(`${file}.part`));
  } catch (error) {
    // The client left, or the disk is full: half a file is none.
    await fs.rm(`${file}.part`, { force: true });
    throw error;
  }
  await fs.rename(`${file}.part`, file);
  const { size } = await fs.stat(file);
  return created({ id, bytes: size });
});

export default app;

/** Under a name of ours: a file's own name is the client's word. */
async function keep(file) {
  const id = randomUUID();
  await fs.writeFile(path.join(folder, id), file.stream());
  return { id, name: file.name, bytes: file.size };
}
