// Reads lines, parses each with an independent parser and writes what it found, a JSON object a line.
const parse = require('nsyslog-parser');
const input = require('fs').readFileSync(0, 'utf8');
for (const line of input.split('\n').filter(Boolean)) process.stdout.write(JSON.stringify(parse(line)) + '\n');
