import { maxBodyBytesOf } from "../../src/shared/config/max-body-bytes.ts";
import { settingsSchema } from "../../src/shared/config/settings.ts";
import type { HttpHeaders } from "../../src/worker/http/fields/http-headers.ts";
import { builtParser } from "./built-parser.ts";
import {
  type ParserSubject,
  type Task,
  WANTED_FIELDS,
} from "./parser-subject.ts";

const { ParserPool, RequestReader } = await builtParser();

/** The way of a connection's bytes to the head of a request. */
export const remudaParser: ParserSubject = {
  name: "remuda",
  connect: (task) => {
    const settings = settingsSchema.parse({});
    const limits = { ...settings, maxBodyBytes: maxBodyBytesOf(settings) };
    const reader = new RequestReader(new ParserPool(limits));
    const sizeOfFields = SIZE_OF_FIELDS[task];
    return (bytes) => {
      reader.append(bytes);
      const head = reader.readHead();
      if (!head) throw new Error("the head is not whole");
      return head.target.length + sizeOfFields(head.headers);
    };
  },
};

const SIZE_OF_FIELDS: Record<Task, (headers: HttpHeaders) => number> = {
  head: () => 0,
  "two fields": (headers) => {
    let size = 0;
    for (const name of WANTED_FIELDS) size += headers.get(name)?.length ?? 0;
    return size;
  },
  "all fields": (headers) => {
    let size = 0;
    headers.forEachLine((name, value) => {
      size += name.length + value.length;
    });
    return size;
  },
};
