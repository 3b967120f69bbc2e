// Writes src/generated/graphql.ts: the types of the schema's fields that our documents read, and the documents.
// It drives GraphQL Code Generator's core itself, because its command line brings loaders for a dozen sources we do not have.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { codegen } from '@graphql-codegen/core';
import * as typedDocumentNode from '@graphql-codegen/typed-document-node';
import * as operations from '@graphql-codegen/typescript-operations';
import { parse } from 'graphql';

const web = fileURLToPath(new URL('..', import.meta.url));

async function read(folder, extension) {
  const names = (await readdir(folder)).filter((name) => name.endsWith(extension)).sort();
  return Promise.all(
    names.map(async (name) => ({
      location: name,
      document: parse(await readFile(`${folder}/${name}`, 'utf8')),
    })),
  );
}

const schemas = await read(`${web}../graph`, '.graphqls');
const schema = { kind: 'Document', definitions: schemas.flatMap((file) => file.document.definitions) };

const source = await codegen({
  filename: 'src/generated/graphql.ts',
  schema,
  documents: await read(`${web}src/graphql`, '.graphql'),
  config: {
    enumsAsTypes: true,
    useTypeImports: true,
    skipTypename: true,
    dedupeFragments: true,
    defaultScalarType: 'unknown',
    scalars: { DateTime: 'string', URL: 'string', JSON: 'unknown' },
  },
  plugins: [{ operations: {} }, { documents: {} }],
  pluginMap: { operations, documents: typedDocumentNode },
});

await writeFile(
  `${web}src/generated/graphql.ts`,
  `// Written by scripts/codegen.mjs from graph/*.graphqls and src/graphql/*.graphql. Do not edit.\n${source}\n`,
);
