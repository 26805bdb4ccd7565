// Uses everything that a server offers, through the gateway, with one of the protocol's own clients, and prints what it saw as one line of JSON.
//
//   GATEWAY_ENDPOINT, TOKEN   where to, and as whom
//   CLIENT                    sdk-v1 | client-v2-legacy | client-v2-modern
//   CONFORMANCE, EVERYTHING   the prefix of the names of either upstream, where the virtual server has it
const { GATEWAY_ENDPOINT, TOKEN, CLIENT, CONFORMANCE, EVERYTHING } = process.env;
const url = new URL(GATEWAY_ENDPOINT);
const requestInit = { headers: { Authorization: `Bearer ${TOKEN}` } };
const modern = CLIENT === 'client-v2-modern';
const v1 = CLIENT === 'sdk-v1';
const logged = [];
const updated = [];
const waiting = [];
const client = await connect();
const seen = { capabilities: client.getServerCapabilities() };

await lists();
if (CONFORMANCE !== undefined) await conformance(CONFORMANCE);
if (EVERYTHING !== undefined) await everything(EVERYTHING);
console.log(JSON.stringify(seen));
await client.close();
process.exit(0);

async function connect() {
  const info = { name: `test-${CLIENT}`, version: '1.0.0' };
  const capabilities = { sampling: {}, roots: {}, elicitation: { form: {}, url: {} } };
  const sdk = v1 ? await import('@modelcontextprotocol/sdk/client/index.js') : await import('@modelcontextprotocol/client');
  const { StreamableHTTPClientTransport } = v1 ? await import('@modelcontextprotocol/sdk/client/streamableHttp.js') : sdk;
  const types = v1 ? await import('@modelcontextprotocol/sdk/types.js') : undefined;
  const options = v1 ? { capabilities } : { capabilities, versionNegotiation: { mode: modern ? { pin: '2026-07-28' } : 'legacy' } };
  const own = new sdk.Client(info, options);
  own.setRequestHandler(types?.ElicitRequestSchema ?? 'elicitation/create', ({ params }) => ({ action: 'accept', ...(params.requestedSchema && { content: filled(params.requestedSchema) }) }));
  own.setRequestHandler(types?.CreateMessageRequestSchema ?? 'sampling/createMessage', () => ({ role: 'assistant', model: 'test-model', content: { type: 'text', text: 'Paris' } }));
  own.setRequestHandler(types?.ListRootsRequestSchema ?? 'roots/list', () => ({ roots: [{ uri: 'file:///work', name: 'work' }] }));
  own.setNotificationHandler(types?.LoggingMessageNotificationSchema ?? 'notifications/message', ({ params }) => void logged.push(params.data));
  own.setNotificationHandler(types?.ResourceUpdatedNotificationSchema ?? 'notifications/resources/updated', ({ params }) => {
    updated.push(params.uri);
    waiting.splice(0).forEach((resolve) => resolve());
  });
  await own.connect(new StreamableHTTPClientTransport(url, { requestInit }));
  return own;
}

async function lists() {
  seen.tools = (await all('tools', (params) => client.listTools(params))).map(({ name }) => name);
  seen.prompts = (await all('prompts', (params) => client.listPrompts(params))).map(({ name }) => name);
  seen.resources = (await all('resources', (params) => client.listResources(params))).map(({ uri }) => uri);
  seen.templates = (await all('resourceTemplates', (params) => client.listResourceTemplates(params))).map(({ uriTemplate }) => uriTemplate);
}

async function conformance(prefix) {
  const said = {};
  said.simple = textOf(await call(`${prefix}test_simple_text`));
  said.image = (await call(`${prefix}test_image_content`)).content[0].type;
  said.audio = (await call(`${prefix}test_audio_content`)).content[0].type;
  said.mixed = (await call(`${prefix}test_multiple_content_types`)).content.map(({ type }) => type);
  said.error = (await call(`${prefix}test_error_handling`)).isError;
  said.prompt = (await client.getPrompt({ name: `${prefix}test_prompt_with_arguments`, arguments: { arg1: 'a', arg2: 'b' } })).messages[0].content.text;
  said.text = (await client.readResource({ uri: 'test://static-text' })).contents[0].text;
  said.binary = (await client.readResource({ uri: 'test://static-binary' })).contents[0].blob.length > 0;
  said.template = (await client.readResource({ uri: 'test://template/7/data' })).contents[0].text;
  said.missing = await code(client.readResource({ uri: 'test://nothing' }));
  said.unknownTool = await code(call(`${prefix}no_such_tool`));
  said.completion = (await client.complete({ ref: { type: 'ref/prompt', name: `${prefix}test_prompt_with_arguments` }, argument: { name: 'arg1', value: 'par' } })).completion.values;
  const progress = [];
  await call(`${prefix}test_tool_with_progress`, {}, { onprogress: (update) => progress.push(update.progress) });
  said.progress = progress;
  if (modern) await conformanceOfRounds(prefix, said);
  else await conformanceOfSessions(prefix, said);
  seen.conformance = said;
}

async function conformanceOfSessions(prefix, said) {
  said.elicitation = textOf(await call(`${prefix}test_elicitation`, { message: 'Who?' }));
  said.defaults = textOf(await call(`${prefix}test_elicitation_sep1034_defaults`));
  said.sampling = textOf(await call(`${prefix}test_sampling`, { prompt: 'Capital of France?' }));
  await client.setLoggingLevel('debug');
  await call(`${prefix}test_tool_with_logging`);
  said.logged = logged.filter((data) => String(data).startsWith('Tool ')).length;
  said.reconnected = textOf(await call(`${prefix}test_reconnection`));
  await client.subscribeResource({ uri: 'test://watched-resource' });
  await update();
  await client.unsubscribeResource({ uri: 'test://watched-resource' });
  said.updated = updated[0];
}

async function conformanceOfRounds(prefix, said) {
  const rounds = `${prefix}test_input_required_result_`;
  said.elicitation = textOf(await call(`${rounds}elicitation`));
  said.sampling = textOf(await call(`${rounds}sampling`));
  said.roots = textOf(await call(`${rounds}list_roots`));
  said.multiple = textOf(await call(`${rounds}multiple_inputs`));
  said.multiRound = textOf(await call(`${rounds}multi_round`));
  said.promptOfRounds = (await client.getPrompt({ name: `${rounds}prompt` })).messages[0].content.text;
  said.header = textOf(await call(`${prefix}test_header_tool`, { region: 'Zürich' }));
  await client.callTool({ name: `${prefix}test_logging_tool`, arguments: {}, _meta: { 'io.modelcontextprotocol/logLevel': 'info' } });
  said.logged = logged.length;
  await call(`${prefix}test_logging_tool`);
  said.loggedUnasked = logged.length - said.logged;
  const subscription = await client.listen({ toolsListChanged: true, resourceSubscriptions: ['test://watched-resource', 'test://nothing'] });
  said.honoured = subscription.honoredFilter;
  await update();
  said.updated = updated[0];
  await subscription.close();
  said.cancelled = await cancelled(`${prefix}slow_compute`, { seconds: 60 });
}

async function everything(prefix) {
  const said = {};
  said.echo = textOf(await call(`${prefix}echo`, { message: 'hello' }));
  said.sum = textOf(await call(`${prefix}get-sum`, { a: 2, b: 3 }));
  said.structured = (await call(`${prefix}get-structured-content`, { location: 'Chicago' })).structuredContent;
  said.links = (await call(`${prefix}get-resource-links`, { count: 2 })).content.map(({ type }) => type);
  said.prompt = (await client.getPrompt({ name: `${prefix}args-prompt`, arguments: { city: 'Oslo', state: 'Norway' } })).messages[0].content.text;
  said.completion = (await client.complete({ ref: { type: 'ref/prompt', name: `${prefix}completable-prompt` }, argument: { name: 'department', value: 'E' } })).completion.values;
  said.dynamic = (await client.readResource({ uri: 'demo://resource/dynamic/text/1' })).contents[0].uri;
  said.missing = await code(client.readResource({ uri: 'demo://resource/dynamic/text/none' }));
  const progress = [];
  await call(`${prefix}trigger-long-running-operation`, { duration: 0.3, steps: 3 }, { onprogress: (update) => progress.push(update.progress) });
  said.progress = progress;
  said.cancelled = await cancelled(`${prefix}trigger-long-running-operation`, { duration: 25, steps: 1 });
  if (!modern) {
    said.sampling = textOf(await call(`${prefix}trigger-sampling-request`, { prompt: 'Capital?', maxTokens: 10 }));
    said.elicitation = textOf(await call(`${prefix}trigger-elicitation-request`));
    said.roots = textOf(await call(`${prefix}get-roots-list`));
  }

  seen.everything = said;
}

function call(name, args = {}, options = undefined) {
  const request = { name, arguments: args };
  return v1 ? client.callTool(request, undefined, options) : client.callTool(request, options);
}

/** How a call ended that was given up after a moment. */
async function cancelled(name, args) {
  const controller = new AbortController();
  const running = call(name, args, { signal: controller.signal, timeout: 60_000 }).then(() => 'answered', () => 'given up');
  setTimeout(() => controller.abort(new Error('enough')), 500);
  const ended = await running;
  // The session goes on.
  if (!modern) await client.ping();
  return ended;
}

function update() {
  return new Promise((resolve, reject) => {
    waiting.push(resolve);
    setTimeout(() => reject(new Error('no update came')), 45_000).unref();
  });
}

async function all(member, list) {
  const items = [];
  let cursor;
  do {
    const page = await list(cursor === undefined ? undefined : { cursor });
    items.push(...page[member]);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return items;
}

function filled({ properties }) {
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, schema.default ?? valueOf(name, schema)]));
}

function valueOf(name, schema) {
  if (schema.type === 'array') return [schema.items.enum?.[0] ?? schema.items.anyOf[0].const];
  if (schema.enum ?? schema.oneOf) return schema.enum?.[0] ?? schema.oneOf[0].const;
  if (schema.type === 'boolean') return true;
  if (schema.type === 'number' || schema.type === 'integer') return schema.minimum ?? 1;
  const formats = { email: 'ada@example.com', uri: 'https://example.com/', date: '2026-11-21', 'date-time': '2026-11-21T08:00:00Z' };
  return formats[schema.format] ?? (name === 'email' ? 'ada@example.com' : 'Ada');
}

function code(promise) {
  return promise.then(() => 'served', (error) => error.code ?? String(error));
}

function textOf({ content }) {
  return content.filter(({ type }) => type === 'text').map(({ text }) => text).join('\n');
}
