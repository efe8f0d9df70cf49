/** The setting `listen`: listeners, each with settings of its own. */
import * as z from "zod";

/** The same settings, each optional and without a default. */
type Optional<Shape extends z.ZodRawShape> = {
  [Key in keyof Shape]: z.ZodOptional<
    Shape[Key] extends z.ZodDefault<infer Inner> ? Inner : Shape[Key]
  >;
};

/**
 * A list of objects with these settings. A setting that is left out has no
 * default: the setting of that name outside the list applies.
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
