import type { HostileKind } from "../kind.ts";
import { bodyDrip } from "./body-drip.ts";
import { chunkExtensions } from "./chunk-extensions.ts";
import { halfOpen } from "./half-open.ts";
import { longPipelines } from "./long-pipelines.ts";
import { neverReads } from "./never-reads.ts";
import { randomBytes } from "./random-bytes.ts";
import { slowHeads } from "./slow-heads.ts";
import { tinyChunks } from "./tiny-chunks.ts";

export const KINDS: readonly HostileKind[] = [
  slowHeads,
  bodyDrip,
  tinyChunks,
  chunkExtensions,
  neverReads,
  halfOpen,
  longPipelines,
  randomBytes,
];
