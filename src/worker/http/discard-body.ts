import { letGo } from "./let-go.ts";
import { pieceSource } from "./piece-source.ts";
import type { HttpResponse } from "./response.ts";

/** Ends the body of a response of which nothing more is sent. */
export function discardBody({ body }: HttpResponse): void {
  if (body === null || typeof body === "string") return;
  if (body instanceof Uint8Array) return;
  letGo(() => pieceSource(body).cancel());
}
