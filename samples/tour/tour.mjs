// A tour of the gateway through the protocol's own client: what an agent sees of it. Each step checks what it expects; the exit code
// is 1 if one does not hold.
//
//   GATEWAY_ENDPOINT   a virtual server's endpoint, as http://127.0.0.1:7071/servers/demo/mcp
//   TOKEN_ENDPOINT     where to get tokens; see ../tenant/issuer.mjs
//   CLIENT_ID          a client that may call echo and get-structured-content, and may not call get-env
import assert from 'node:assert/strict';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const endpoint = new URL(process.env.GATEWAY_ENDPOINT);
const failures = [];

await step('Initialize, revision 2025-11-25', async () => {
  const client = await connect(await token(), 'legacy');
  const [name, version] = [client.getServerVersion()?.name, client.getNegotiatedProtocolVersion()];
  assert.equal(version, '2025-11-25');
  await client.close();
  return `${name} speaks ${version}`;
});

let agent;
await step('Discover, revision 2026-07-28', async () => {
  agent = await connect(await token(), { pin: '2026-07-28' });
  assert.equal(agent.getNegotiatedProtocolVersion(), '2026-07-28');
  return `${agent.getServerVersion().name} speaks ${agent.getNegotiatedProtocolVersion()}`;
});

if (!agent) end();

await step('List tools: only those granted', async () => {
  const names = (await agent.listTools()).tools.map((tool) => tool.name);
  assert.ok(names.includes('echo') && names.includes('get-structured-content'), names.join());
  assert.ok(!names.includes('get-env'), 'get-env is listed');
  return names.join(', ');
});

await step('Call echo', async () => {
  const result = await agent.callTool({ name: 'echo', arguments: { message: 'hello' } });
  assert.ok(!result.isError, textOf(result));
  assert.equal(textOf(result), 'Echo: hello');
  return textOf(result);
});

await step('Call get-structured-content', async () => {
  const result = await agent.callTool({ name: 'get-structured-content', arguments: { location: 'Chicago' } });
  assert.ok(!result.isError, textOf(result));
  assert.equal(result.structuredContent?.temperature, 36);
  return JSON.stringify(result.structuredContent);
});

const notGranted = await refusalOf('get-env');
const notThere = await refusalOf('no-such-tool');

await step('Call get-env, which is not granted', async () => {
  assert.ok(notGranted, 'it was served');
  return describe(notGranted, 'get-env');
});

await step('Call no-such-tool, which is not there', async () => {
  assert.ok(notThere, 'it was served');
  // Whoever may not use a tool does not learn that there is one.
  assert.equal(describe(notThere, 'no-such-tool'), describe(notGranted, 'get-env'));
  return 'the same answer, to the letter';
});

await step('Call echo with a number for a text', async () => {
  const result = await agent.callTool({ name: 'echo', arguments: { message: 42 } });
  assert.ok(result.isError, 'it was served');
  assert.match(textOf(result), /message/);
  return textOf(result);
});

await agent.close();

await step('Connect with a token that has expired', async () => {
  const refusal = await connect(await token({ lifetime: -600 }), 'legacy').then(
    () => undefined,
    (error) => error,
  );
  assert.ok(refusal, 'it was served');
  assert.ok(refusal.status === 401 || refusal.name === 'UnauthorizedError', `${refusal.name}: ${refusal.message}`);
  return /"message":"([^"]*)"/.exec(refusal.message)?.[1] ?? refusal.message;
});

end();

function end() {
  if (failures.length > 0) console.log(`\nDid not go as they should: ${failures.join('; ')}`);
  process.exit(failures.length > 0 ? 1 : 0);
}

async function step(what, act) {
  try {
    console.log(`ok      ${what.padEnd(40)} ${oneLine(await act())}`);
  } catch (error) {
    failures.push(what);
    console.log(`FAILED  ${what.padEnd(40)} ${oneLine(error.message)}`);
  }
}

async function connect(bearer, mode) {
  const client = new Client({ name: 'tour', version: '1.0.0' }, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(endpoint, { requestInit: { headers: { Authorization: `Bearer ${bearer}` } } }));
  return client;
}

async function token(more = {}) {
  const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: process.env.CLIENT_ID, client_secret: 'any', ...more });
  const response = await fetch(process.env.TOKEN_ENDPOINT, { method: 'POST', body: form });
  if (!response.ok) throw new Error(`the token endpoint says ${response.status}: ${await response.text()}`);
  return (await response.json()).access_token;
}

async function refusalOf(name) {
  try {
    await agent.callTool({ name, arguments: {} });
    return undefined;
  } catch (error) {
    return error;
  }
}

/** All of an answer but the tool's name and the request's id, in which any two answers differ. */
function describe(error, name) {
  const data = error.data === undefined ? '' : ` ${JSON.stringify(error.data)}`;
  return `${error.code} ${error.message}${data}`.replaceAll(name, '<name>').replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<id>');
}

function textOf(result) {
  return result.content.map((part) => part.text ?? `(${part.type})`).join(' ');
}

function oneLine(text) {
  const line = String(text).replace(/\s+/g, ' ').trim();
  return line.length > 160 ? `${line.slice(0, 159)}…` : line;
}
