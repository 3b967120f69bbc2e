package simulator

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"sync"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

//go:embed admin_2026-10.graphql.gz
var schemaGZ []byte

// adminSchema is Shopify's Admin schema, parsed when it is first asked for (about 0.2 s).
var adminSchema = sync.OnceValue(func() *ast.Schema {
	zr, err := gzip.NewReader(bytes.NewReader(schemaGZ))
	if err != nil {
		panic(fmt.Sprintf("open the embedded schema: %v", err))
	}
	text, err := io.ReadAll(zr)
	if err != nil {
		panic(fmt.Sprintf("read the embedded schema: %v", err))
	}
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "admin_" + APIVersion, Input: string(text)})
	if err != nil {
		panic(fmt.Sprintf("parse the embedded schema: %v", err))
	}
	return schema
})
