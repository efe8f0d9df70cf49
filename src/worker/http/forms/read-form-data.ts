import type { RequestBody } from "../body/request-body.ts";
import { charsetOf, isUtf8, parseMediaType } from "../fields/media-type.ts";
import { HttpError } from "../http-error.ts";
import {
  checkLimit,
  checkPartCount,
  type FormDataOptions,
  type FormLimits,
  formLimits,
} from "./form-limits.ts";
import { readMultipartForm } from "./read-multipart-form.ts";

const URLENCODED = "application/x-www-form-urlencoded";
const MULTIPART = "multipart/form-data";

/**
 * Reads a body as a form.
 *
 * @throws RequestAborted, TypeError as reading the body does; HttpError 400,
 * 413 or 415; TypeError for an unknown option
 */
export async function readFormData(
  body: RequestBody,
  contentType: string | undefined,
  options?: FormDataOptions,
): Promise<FormData> {
  const limits = formLimits(options);
  if (contentType === undefined) throw notAForm("no Content-Type");
  const media = parseMediaType(contentType);
  if (!media) {
    throw new HttpError(400, `Content-Type is no media type: ${contentType}`);
  }
  const { type, parameters } = media;
  if (type !== URLENCODED && type !== MULTIPART) throw notAForm(type);
  const charset = charsetOf(media);
  if (!isUtf8(charset)) {
    throw new HttpError(415, `a form is in UTF-8, not in ${charset}`);
  }
  if (type === URLENCODED) return readUrlencoded(await body.text(), limits);
  return readMultipartForm(body, parameters.get("boundary"), limits);
}

function readUrlencoded(text: string, limits: FormLimits): FormData {
  // Counted before entries are created.
  let count = 0;
  for (const _ of text.matchAll(/[^&]+/g)) checkPartCount(++count, limits);
  const form = new FormData();
  for (const [name, value] of new URLSearchParams(text)) {
    const nameBytes = Buffer.byteLength(name);
    checkLimit("a name in the form", nameBytes, limits.maxNameBytes);
    const valueBytes = Buffer.byteLength(value);
    checkLimit(`the field "${name}"`, valueBytes, limits.maxFieldBytes);
    form.append(name, value);
  }
  return form;
}

/** RFC 9110 §15.5.16, with the supported types in Accept (§12.5.1). */
function notAForm(found: string): HttpError {
  const detail = `a form is ${MULTIPART} or ${URLENCODED}, not ${found}`;
  const headers = { Accept: `${MULTIPART}, ${URLENCODED}` };
  return new HttpError(415, detail, { headers });
}
