/** Where the parts of a head are, as offsets in its bytes. */
export class HeadPlaces {
  lineStart = 0;
  methodEnd = 0;
  targetEnd = 0;
  fieldsStart = 0;
  /** After the empty line. */
  end = 0;
  isHttp10 = false;
}
