/** A field line's place, as offsets in bytes; the value with blanks around. */
export interface FieldLine {
  readonly nameStart: number;
  readonly nameEnd: number;
  readonly valueStart: number;
  readonly valueEnd: number;
}
