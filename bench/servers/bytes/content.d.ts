export const KIB_64: Buffer;
export const MIB_10: Buffer;
export function pieces(content: Buffer): Iterable<Buffer>;
