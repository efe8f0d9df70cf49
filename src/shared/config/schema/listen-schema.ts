/** The setting `listen`: listeners, each with settings of its own. */
import * as z from "zod";

/** The same settings, each of which may be left out. */
type Optional<Shape extends z.ZodRawShape> = {
  [Key in keyof Shape]: z.ZodOptional<
    Shape[Key] extends z.ZodDefault<infer Inner> ? Inner : Shape[Key]
  >;
};

/**
 * A list of objects that may have these settings. What is left out is not
 * given a default: the setting outside the list is.
 */
export function listenSchema<
  Own extends z.ZodRawShape,
  Tls extends z.ZodRawShape,
>(own: Own, tls: Tls) {
  const entry = z.strictObject({
    ...withoutDefaults(own),
    tls: z
      .union([z.literal(false), z.strictObject(withoutDefaults(tls))])
      .optional(),
  });
  return z.array(entry);
}

function withoutDefaults<Shape extends z.ZodRawShape>(
  shape: Shape,
): Optional<Shape> {
  const entries = Object.entries(shape).map(([key, schema]) => {
    const inner = schema instanceof z.ZodDefault ? schema.unwrap() : schema;
    return [key, z.optional(inner)];
  });
  return Object.fromEntries(entries) as Optional<Shape>;
}
