import { MIB } from "./schema/setting-kinds.ts";
import type { Settings } from "./settings.ts";

/** The setting `maxBodyBytes` in bytes. */
export function maxBodyBytesOf({
  maxBodyBytes,
}: Pick<Settings, "maxBodyBytes">): number {
  return maxBodyBytes === "auto" ? MIB : maxBodyBytes;
}
