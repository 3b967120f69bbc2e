package app_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/tagtrail/tagtrail"

// rooms are the packages that hold the logic. The doors may call any of them.
var rooms = []string{"activity", "rules", "shops", "change", "webhooks", "notify", "export", "retention", "streams", "privacy", "chain"}

// mayImport says which of our packages each of our packages may import. A package that is not here is not part of
// the house yet: adding it is a decision.
var mayImport = map[string][]string{
	"blob":              {},
	"blob/blobtest":     {},
	"blob/clouds":       {},
	"fault":             {},
	"queue":             {},
	"live":              {},
	"mail":              {},
	"personal":          {}, // which fields tell of people, for whoever hides or erases them
	"sheet":             {}, // how cells of CSV are written, for whoever writes files
	"shopify":           {},
	"shopify/simulator": {},
	"web":               {},

	"models":            {"fault"},
	"models/modelstest": {"models"},

	"activity":      {"models", "live", "personal", "fault"},
	"activity/seed": {"models", "activity"},
	"rules":         {"models", "activity", "fault"}, // docs/adr/0002
	"shops":         {"models", "shopify", "activity", "notify", "mail", "fault"},
	"change":        {"models", "shops", "activity", "rules", "shopify", "queue", "live", "sheet", "fault"},
	"notify":        {"models", "activity", "queue", "mail", "fault"},
	"export":        {"models", "activity", "notify", "queue", "live", "mail", "blob", "sheet", "fault"},
	"webhooks":      {"models", "shopify", "queue", "shops", "rules", "change", "activity", "privacy", "personal", "fault"},

	"streams":   {"models", "shops", "activity", "notify", "queue", "mail", "fault"}, // docs/adr/0015: of shops, what seals secrets and who is installed
	"retention": {"models", "activity", "queue", "blob", "fault"},
	// docs/adr/0017: it goes through all that other rooms keep, and asks them where they have more to say than their rows
	"privacy": {"models", "activity", "retention", "chain", "export", "streams", "notify", "queue", "mail", "blob", "fault"},
	"chain":   {"models", "shops", "activity", "blob"}, // docs/adr/0016: of shops, what seals secrets

	"graph":     slices.Concat([]string{"models", "fault"}, rooms),
	"resolvers": slices.Concat([]string{"graph", "models", "fault"}, rooms),
	"workers":   slices.Concat([]string{"queue", "fault"}, rooms),
	"server":    {"graph", "resolvers", "webhooks", "shops", "export", "shopify", "models", "web", "fault"},

	"app":   {anyRoom}, // only main and the bench import it
	"bench": {anyRoom},
	"":      {"app", "blob/clouds"},
}

const anyRoom = "any of them"

// namedBy says which packages alone may name a library, so that it can be replaced in one place.
var namedBy = map[string][]string{
	"github.com/hibiken/asynq":            {"queue", "workers"},
	"github.com/99designs/gqlgen":         {"graph", "resolvers"},
	"github.com/caarlos0/env/v11":         {"app", "bench"},
	"github.com/alecthomas/kong":          {""},
	"github.com/alicebob/miniredis/v2":    {"app", "bench"},
	"github.com/ncruces/go-sqlite3":       {"models", "bench"},
	"gocloud.dev":                         {"blob", "blob/blobtest", "blob/clouds"},
	"github.com/wneessen/go-mail":         {"mail"},
	"gorm.io/driver/postgres":             {"models"},
	"gorm.io/plugin/dbresolver":           {"models"},
	"github.com/prometheus/client_golang": {"app", "server"},
}

type goPackage struct {
	ImportPath string
	Imports    []string
}

// room is the package's path inside the module, and whether it is ours.
func room(importPath string) (string, bool) {
	rest, ours := strings.CutPrefix(importPath, module)
	if strings.HasPrefix(rest, "/bench/") {
		rest = "/bench" // its parts are one room
	}
	return strings.TrimPrefix(rest, "/"), ours && (rest == "" || rest[0] == '/')
}

// ourPackages asks the go tool, which leaves out what only tests import.
func ourPackages(t *testing.T) []goPackage {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", module+"/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []goPackage
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			return packages
		}
		if err != nil {
			t.Fatalf("read go list: %v", err)
		}
		packages = append(packages, p)
	}
}

func TestImportsGoOneWay(t *testing.T) {
	t.Parallel()
	packages := ourPackages(t)
	if len(packages) < len(rooms) {
		t.Fatalf("go list found only %d packages", len(packages))
	}
	for _, p := range packages {
		name, _ := room(p.ImportPath)
		allowed, known := mayImport[name]
		if !known {
			t.Errorf("%s is not in the map of the house: say what it may import, and in the README what it is for", name)
			continue
		}
		for _, imported := range p.Imports {
			other, ours := room(imported)
			if ours && !slices.Contains(allowed, other) && !slices.Contains(allowed, anyRoom) {
				t.Errorf("%s may not import %s", name, other)
			}
		}
	}
}

func TestImportsOfAppAreMainsAlone(t *testing.T) {
	t.Parallel()
	for _, p := range ourPackages(t) {
		name, _ := room(p.ImportPath)
		if slices.Contains(p.Imports, module+"/app") && name != "" && name != "bench" {
			t.Errorf("%s may not import app: what it needs is handed to it there", name)
		}
	}
}

func TestImportsNameALibraryWhereItBelongs(t *testing.T) {
	t.Parallel()
	for _, p := range ourPackages(t) {
		name, _ := room(p.ImportPath)
		for _, imported := range p.Imports {
			for library, owners := range namedBy {
				if (imported == library || strings.HasPrefix(imported, library+"/")) && !slices.Contains(owners, name) {
					t.Errorf("%s may not name %s: that is for %s", name, library, strings.Join(owners, " and "))
				}
			}
		}
	}
}
