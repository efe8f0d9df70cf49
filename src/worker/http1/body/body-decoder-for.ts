import type { BodyFraming } from "../framing.ts";
import type { ParserLimits } from "../limits.ts";
import type { BodyDecoder } from "./body-decoder.ts";
import { ChunkedDecoder } from "./chunked-decoder.ts";
import { LengthDecoder } from "./length-decoder.ts";

/** @throws ProtocolError 413 where the length itself says too much */
export function bodyDecoderFor(
  framing: BodyFraming,
  limits: ParserLimits,
): BodyDecoder {
  return framing === "chunked"
    ? new ChunkedDecoder(limits)
    : new LengthDecoder(framing, limits);
}
