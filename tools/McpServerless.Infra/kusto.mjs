// Parses and binds queries with the language service of Kusto. In, on standard input: {"tables": {name: {column: type}}, "queries": {name: text}}.
// Out: {name: {"faults": [{"line", "column", "text"}], "columns": {column: type}}}.
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(join(process.argv[2], 'package.json'));
require('@kusto/language-service-next/bridge.min.js');
require('@kusto/language-service-next/Kusto.Language.Bridge.min.js');
const { GlobalState, KustoCode, Symbols } = globalThis.Kusto.Language;

let input = '';
for await (const chunk of process.stdin) input += chunk;
const { tables, queries } = JSON.parse(input);

const symbols = Object.entries(tables).map(([name, columns]) =>
  new Symbols.TableSymbol.$ctor7(name, `(${Object.entries(columns).map(([column, type]) => `['${column}']: ${type}`).join(', ')})`, ''));
const globals = GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.ctor('workspace', symbols));

const answer = {};
for (const [name, text] of Object.entries(queries)) {
  const code = KustoCode.ParseAndAnalyze(text, globals);
  const faults = [];
  const diagnostics = code.GetDiagnostics();
  for (let i = 0; i < diagnostics.Count; i++) {
    const diagnostic = diagnostics.getItem(i);
    if (diagnostic.Severity !== 'Error' && diagnostic.Severity !== 'Warning') continue;
    const before = text.slice(0, diagnostic.Start).split('\n');
    faults.push({ line: before.length, column: before.at(-1).length + 1, text: diagnostic.Message });
  }
  const columns = {};
  const result = code.ResultType?.Columns;
  for (let i = 0; i < (result?.Count ?? 0); i++) columns[result.getItem(i).Name] = result.getItem(i).Type?.Name ?? '';
  answer[name] = { faults, columns };
}
process.stdout.write(JSON.stringify(answer));
