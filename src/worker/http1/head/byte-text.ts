/** Compares text with bytes in place, and makes strings of bytes. */
import { HTAB, SP } from "../bytes.ts";

interface Latin1Sliceable {
  latin1Slice(start: number, end: number): string;
}

/** `toString("latin1")` without its checks of the arguments. */
export function latin1(bytes: Buffer, start: number, end: number): string {
  return (bytes as Buffer & Latin1Sliceable).latin1Slice(start, end);
}

/** For comparison: bytes are compared faster than characters. */
export function textBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

export function isText(
  bytes: Buffer,
  start: number,
  text: Uint8Array,
): boolean {
  for (let i = 0; i < text.length; i++) {
    if (bytes[start + i] !== text[i]) return false;
  }
  return true;
}

/** Compares without case; `lowerCase` has letters and hyphens only. */
export function isName(
  bytes: Buffer,
  start: number,
  lowerCase: Uint8Array,
): boolean {
  for (let i = 0; i < lowerCase.length; i++) {
    // Of the bytes that are valid in a head, bit 5 maps only upper case to
    // letters, and no other byte to the hyphen.
    const byte = (bytes[start + i] as number) | 0x20;
    if (byte !== lowerCase[i]) return false;
  }
  return true;
}

/** Trims SP and TAB. */
export function trimmedText(bytes: Buffer, start: number, end: number): string {
  let from = start;
  let to = end;
  while (from < to && isBlank(bytes[from] as number)) from++;
  while (to > from && isBlank(bytes[to - 1] as number)) to--;
  return latin1(bytes, from, to);
}

/**
 * Trims SP and TAB. Not `trim()`, which also removes U+00A0 (RFC 9110 §5.6.3),
 * and not a regular expression, whose time would be quadratic in the blanks.
 */
export function withoutBlanks(item: string): string {
  let from = 0;
  let to = item.length;
  while (from < to && isBlank(item.charCodeAt(from))) from++;
  while (to > from && isBlank(item.charCodeAt(to - 1))) to--;
  return item.slice(from, to);
}

/** The items of a list (RFC 9110 §5.6.1), without empty ones. */
export function listItems(list: string): string[] {
  return list.split(",").map(withoutBlanks).filter(isNotEmpty);
}

function isNotEmpty(item: string): boolean {
  return item !== "";
}

function isBlank(byte: number): boolean {
  return byte === SP || byte === HTAB;
}
