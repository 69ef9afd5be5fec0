// ajv behind the protocol of worker.hpp; formats are annotations, as for the others.
const fs = require('fs'), path = require('path'), readline = require('readline');
const modules = process.argv[2];
const load = (name) => require(require.resolve(name, {paths: [modules]}));
const kinds = {draft4: load('ajv-draft-04'), draft7: load('ajv'), draft2019: load('ajv/dist/2019'),
               draft2020: load('ajv/dist/2020')};

function readCase(folder) {
  const names = fs.readdirSync(folder).filter((n) => n.startsWith('instance-')).sort();
  const list = path.join(folder, 'references.tsv');
  const references = !fs.existsSync(list) ? [] : fs.readFileSync(list, 'utf8').split('\n').filter(Boolean)
    .map((line) => line.split('\t')).map(([uri, file]) => [uri, fs.readFileSync(path.join(folder, file))]);
  return {schema: fs.readFileSync(path.join(folder, 'schema.json')), references,
          instances: names.map((n) => fs.readFileSync(path.join(folder, n)))};
}

function compile(from) {
  const schema = JSON.parse(from.schema);
  const uri = schema.$schema || '';
  const kind = uri.includes('draft-04') ? 'draft4' : uri.includes('2019-09') ? 'draft2019'
    : uri.includes('2020-12') ? 'draft2020' : 'draft7';
  const Ajv = kinds[kind].default || kinds[kind];
  const compileWith = (unicodeRegExp) => {
    const ajv = new Ajv({meta: false, strict: false, validateFormats: false, logger: false, validateSchema: false,
                         unicodeRegExp});
    for (const [name, text] of from.references) ajv.addSchema(JSON.parse(text), name);
    return ajv.compile(schema);
  };
  try {
    return compileWith(true);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return compileWith(false);  // patterns that only browsers accept
  }
}

const cpuNs = () => { const used = process.cpuUsage(); return (used.user + used.system) * 1e3; };

function meanNs(seconds, work) {
  const start = cpuNs();
  let n = 0, spent = 0;
  do {
    for (let i = 0, chunk = (n >> 4) + 1; i < chunk; ++i, ++n) work();
    spent = cpuNs() - start;
  } while (spent < seconds * 1e9);
  return spent / n;
}

let loaded = '', now;
readline.createInterface({input: process.stdin}).on('line', (line) => {
  const [verb, folder, seconds] = line.split(' ');
  if (folder !== loaded) now = readCase(loaded = folder);
  if (verb === 'compile') return console.log(`${meanNs(+seconds, () => compile(now))} -`);
  const validate = compile(now);
  const valid = (bytes) => validate(JSON.parse(bytes));
  const verdicts = now.instances.map((bytes) => (valid(bytes) ? '1' : '0')).join('');
  const all = () => { for (const bytes of now.instances) valid(bytes); };
  console.log(`${meanNs(+seconds, all) / now.instances.length} ${verdicts}`);
});
