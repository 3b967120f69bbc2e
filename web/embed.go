// Package web holds the built admin page, so that one binary serves everything.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Files returns what `npm run build` made: index.html and assets/. Before a build it holds no index.html.
func Files() fs.FS {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // only for a malformed path, and ours is a constant
	}
	return files
}
