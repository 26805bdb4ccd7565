// Plays the Entra tenant on this machine: a token endpoint that gives whoever asks a token shaped like Entra's v2.0 access tokens
// (Microsoft identity platform, "Access token claims reference"), discovery, and the keys. For development and tests only.
//
//   POST /token   grant_type=client_credentials, client_id=<guid>, client_secret=<anything>
//     user=<oid>       a delegated token of that user instead of the application's own
//     scp=<scopes>     its scopes, separated by spaces; default Mcp.Call
//     roles=<roles>    app roles, separated by spaces; empty for none; default Mcp.Call (delegated: none)
//     aud=<audience>   another audience
//     lifetime=<s>     seconds from now to exp; negative for one that has expired; default 3600
//     claims=<json>    an object laid over all of the above; null takes a claim away
//
//   PORT       default 0, a free one; standard output says "Listening on http://127.0.0.1:PORT"
//   TENANT_ID, AUDIENCE   defaults below
import { createHash, randomUUID } from 'node:crypto';
import { OAuth2Server } from 'oauth2-mock-server';

const tenantId = process.env.TENANT_ID ?? '11111111-1111-1111-1111-111111111111';
const audience = process.env.AUDIENCE ?? '22222222-2222-2222-2222-222222222222';
const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const server = new OAuth2Server();
await server.issuer.keys.generate('RS256', { kid: randomUUID().replaceAll('-', '') });
server.service.on('beforeTokenSigning', (token, request) => {
  token.payload = claimsFor(request.body, token.payload.iss);
});
server.service.on('beforeResponse', (response, request) => {
  const fault = findFault(request.body);
  response.body = fault
    ? { error: 'invalid_request', error_description: fault }
    : { token_type: 'Bearer', expires_in: lifetimeOf(request.body), access_token: response.body.access_token };
  if (fault) response.statusCode = 400;
});
server.service.on('beforeWellKnownOpenIdConfiguration', (response) => {
  response.body.grant_types_supported = ['client_credentials'];
});
await server.start(Number(process.env.PORT ?? 0), '127.0.0.1');
server.issuer.url = `http://127.0.0.1:${server.address().port}`;
console.log(`Listening on ${server.issuer.url}`);

function findFault(form) {
  if (form.grant_type !== 'client_credentials') return 'grant_type must be client_credentials';
  if (!guid.test(form.client_id ?? '')) return 'client_id must be a GUID';
  if (form.user !== undefined && !guid.test(form.user)) return 'user must be a GUID, the object id of a user';
  if (!Number.isSafeInteger(lifetimeOf(form))) return 'lifetime must be a number of seconds';
  if (laidOver(form) === undefined) return 'claims must be a JSON object';
  return undefined;
}

function claimsFor(form, iss) {
  if (findFault(form)) return {}; // The answer says what is wrong; see above.
  const now = Math.floor(Date.now() / 1000);
  const exp = now + lifetimeOf(form);
  const issuedAt = Math.min(now, exp - 300) - 5;
  const oid = form.user ?? guidOf(`service principal ${form.client_id}`);
  const claims = {
    aud: form.aud ?? audience,
    iss,
    iat: issuedAt,
    nbf: issuedAt,
    exp,
    azp: form.client_id,
    azpacr: '1',
    idtyp: form.user ? 'user' : 'app',
    oid,
    roles: words(form.roles ?? (form.user ? '' : 'Mcp.Call')),
    scp: form.user ? (form.scp ?? 'Mcp.Call') : undefined,
    // An application is its own subject; a user's subject differs from application to application.
    sub: form.user ? createHash('sha256').update(`${form.user} ${form.client_id}`).digest('base64url') : oid,
    tid: tenantId,
    uti: randomUUID().replaceAll('-', ''),
    ver: '2.0',
    ...laidOver(form),
  };
  if (claims.roles?.length === 0) delete claims.roles;
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== null && value !== undefined));
}

function lifetimeOf(form) {
  return form.lifetime === undefined ? 3600 : Number(form.lifetime);
}

function laidOver(form) {
  try {
    const claims = JSON.parse(form.claims ?? '{}');
    return typeof claims === 'object' && claims !== null && !Array.isArray(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
}

function words(text) {
  return text.split(' ').filter(Boolean);
}

/** The same client has the same object id in every run. */
function guidOf(text) {
  const hex = createHash('sha256').update(text).digest('hex');
  return hex.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
