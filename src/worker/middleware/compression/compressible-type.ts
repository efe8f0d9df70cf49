const COMPRESSIBLE =
  /^(?:text\/.|(?:application\/(?:[^;]+\+)?(?:json|xml)|application\/(?:javascript|ecmascript|x-ndjson|json-seq|graphql|rtf|sql|wasm|yaml)|font\/(?:otf|ttf|collection)|image\/(?:svg\+xml|bmp|x-icon|vnd\.microsoft\.icon)|model\/(?:[^;]+\+)?(?:json|xml|obj|stl))[ \t]*(?:;|$))/i;

/**
 * Whether compression shrinks content of the type: text in any form, but not
 * compressed formats such as most images, video, archives and most fonts.
 */
export function isCompressibleType(contentType: string): boolean {
  return COMPRESSIBLE.test(contentType);
}
