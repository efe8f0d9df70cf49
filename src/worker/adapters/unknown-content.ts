/** Content of which only the head is sent: nobody has said how long it is. */
export const UNKNOWN_CONTENT: AsyncIterable<string> = {
  async *[Symbol.asyncIterator]() {},
};
