const COMPRESSIBLE =
  /^(?:text\/.|(?:application\/(?:[^;]+\+)?(?:json|xml)|application\/(?:javascript|ecmascript|x-ndjson|json-seq|graphql|rtf|sql|wasm|yaml)|font\/(?:otf|ttf|collection)|image\/(?:svg\+xml|bmp|x-icon|vnd\.microsoft\.icon)|model\/(?:[^;]+\+)?(?:json|xml|obj|stl))[ \t]*(?:;|$))/i;

/**
 * Whether content of that type shrinks: text in any form, not what is
 * compressed already, as images, video, archives and most fonts are.
 */
export function isCompressibleType(contentType: string): boolean {
  return COMPRESSIBLE.test(contentType);
}
