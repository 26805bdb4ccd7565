// Lists and calls tools through the gateway with one of the protocol's own clients, and prints what it saw as one line of JSON.
//
//   GATEWAY_ENDPOINT, TOKEN   where to, and as whom
//   CLIENT                    sdk-v1 | client-v2-legacy | client-v2-modern
const url = new URL(process.env.GATEWAY_ENDPOINT);
const requestInit = { headers: { Authorization: `Bearer ${process.env.TOKEN}` } };
const info = { name: `test-${process.env.CLIENT}`, version: '1.0.0' };

const client = await connect(process.env.CLIENT);
const progress = [];
const tools = (await client.listTools()).tools.map((tool) => tool.name);
const echo = await client.callTool({ name: 'echo', arguments: { message: 'hello' } });
const structured = await client.callTool({ name: 'get-structured-content', arguments: { location: 'Chicago' } });
const long = await callWithProgress();
const bad = await client.callTool({ name: 'echo', arguments: {} }).catch((error) => ({ thrown: error.message }));
const hidden = await client.callTool({ name: 'get-env', arguments: {} }).then(() => 'served', (error) => error.message);
console.log(JSON.stringify({
  server: client.getServerVersion()?.name,
  tools,
  echo: echo.content[0].text,
  structured: structured.structuredContent,
  long: long.content[0].text,
  progress,
  bad: bad.isError === true && bad.content[0].text,
  hidden,
}));
await client.close();
process.exit(0);

async function connect(kind) {
  if (kind === 'sdk-v1') {
    const { Client } = await import('@modelcontextprotocol/sdk/client/index.js');
    const { StreamableHTTPClientTransport } = await import('@modelcontextprotocol/sdk/client/streamableHttp.js');
    const v1 = new Client(info);
    await v1.connect(new StreamableHTTPClientTransport(url, { requestInit }));
    return v1;
  }

  const { Client, StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client');
  const mode = kind === 'client-v2-modern' ? { pin: '2026-07-28' } : 'legacy';
  const v2 = new Client(info, { versionNegotiation: { mode } });
  await v2.connect(new StreamableHTTPClientTransport(url, { requestInit }));
  return v2;
}

function callWithProgress() {
  const request = { name: 'trigger-long-running-operation', arguments: { duration: 1, steps: 3 } };
  const options = { onprogress: (update) => progress.push(update.progress) };
  return process.env.CLIENT === 'sdk-v1' ? client.callTool(request, undefined, options) : client.callTool(request, options);
}
