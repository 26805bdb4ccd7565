// Stands in for az, azd and dotnet while hooks are run: knows their commands and options, answers from a file, and writes down what would have changed something.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [repository, program, ...rest] = process.argv.slice(2);
const jmespath = createRequire(`${repository}/package.json`)('jmespath');
const answers = JSON.parse(readFileSync(process.env.FAKE_ANSWERS, 'utf8'));

// Options of each command beside --query, --output and --subscription, which all have (https://learn.microsoft.com/cli/azure/reference-index).
const commands = {
  'account show': [],
  'ad app create': ['display-name', 'sign-in-audience'],
  'ad app delete': ['id'],
  'ad app federated-credential create': ['id', 'parameters'],
  'ad app federated-credential list': ['id'],
  'ad app show': ['id'],
  'ad app update': ['id', 'identifier-uris'],
  'ad sp create': ['id'],
  'ad sp show': ['id'],
  'ad user show': ['id'],
  'cloud show': [],
  'functionapp list-flexconsumption-locations': [],
  'provider show': ['namespace'],
  'rest': ['method', 'url', 'headers', 'body'],
  'role assignment list': ['assignee', 'include-inherited', 'include-groups'],
};

if (program === 'azd' || program === 'dotnet') {
  if (program === 'azd' && !/^env set [A-Z_]+ \S+$/.test(rest.join(' '))) refuse(`azd ${rest.join(' ')}`);
  if (program === 'dotnet' && rest[0] !== 'run') refuse(`dotnet ${rest.join(' ')}`);
  note(`${program} ${rest.join(' ')}`);
  process.exit(0);
}

const { words, options } = parse(rest);
const allowed = commands[words] ?? refuse(`az ${words} is no command that is known here`);
for (const name of Object.keys(options)) {
  if (![...allowed, 'query', 'output', 'subscription'].includes(name)) refuse(`az ${words}: unrecognized arguments: --${name}`);
}

const key = words === 'rest' ? `${options.method} ${options.url}` : [words, options.id ?? options.namespace ?? options.assignee].filter(Boolean).join(' ');
const changes = words === 'rest' ? options.method !== 'get' : /(create|update|delete)$/.test(words);
const answer = answers[key] ?? (changes ? {} : refuse(`az ${key}: nothing is known of that`, 3));
if (answer.exit) {
  console.error(`ERROR: ${answer.error}`);
  process.exit(answer.exit);
}

if (changes) {
  const { query, output, ...said } = options;
  for (const name of ['body', 'parameters']) if (said[name]) said[name] = sorted(JSON.parse(content(said[name])));
  note(`az ${words} ${JSON.stringify(sorted(said))}`);
}

const result = options.query ? jmespath.search(answer, options.query) : answer;
if (options.output === 'none' || result === null || result === undefined) process.exit(0);
console.log(options.output === 'tsv' ? [result].flat().join('\n') : JSON.stringify(result));

function parse(args) {
  const words = [];
  const options = {};
  let name;
  for (const arg of args) {
    if (arg === '-o') name = 'output';
    else if (arg.startsWith('--')) name = arg.slice(2);
    else if (name === undefined) { words.push(arg); continue; } else { options[name] = options[name] ? `${options[name]} ${arg}` : arg; continue; }
    options[name] ??= '';
  }
  return { words: words.join(' '), options };
}

function content(text) {
  if (!text.startsWith('@')) return text;
  const file = text.slice(1);
  return existsSync(file) ? readFileSync(file, 'utf8').replace(/^\uFEFF/, '') : refuse(`az: no such file: ${file}`);
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  return value && typeof value === 'object' ? Object.fromEntries(Object.keys(value).sort().map(k => [k, sorted(value[k])])) : value;
}

function note(line) { appendFileSync(process.env.FAKE_LOG, `${line}\n`); }

function refuse(why, exit = 2) {
  console.error(`ERROR: ${why}`);
  process.exit(exit);
}
