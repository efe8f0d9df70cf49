export async function POST(request) {
  const { byteLength: bytes } = await request.arrayBuffer();
  return Response.json({ bytes });
}
