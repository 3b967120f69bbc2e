package webhooks

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// field is a generated field: what it is called, what it holds, and whether that has to be left out.
type field struct {
	name   string
	value  any
	secret bool // always
	person bool // unless the viewer sees customers
}

var secretNames = []string{"access_token", "cartToken", "client_secret", "hmac", "x-signature", "apiKey", "authorization", "credit_card_number", "receipt", "checkout_url"}

var personNames = []string{"email", "contact_email", "phone", "first_name", "lastName", "address1", "city", "zip", "latitude", "browser_ip", "note", "company"}

var plainNames = []string{"id", "admin_graphql_api_id", "title", "total_price", "quantity", "vendor", "sku", "financial_status", "tags", "taxable", "name"}

// generated draws a body whose values are all different, with what each of them is.
func generated(t *rapid.T, depth int, leaves *[]field) map[string]any {
	object := map[string]any{}
	for range rapid.IntRange(1, 6).Draw(t, "fields") {
		f := field{}
		mark := fmt.Sprintf("v%dx%d", depth, len(*leaves))
		switch rapid.IntRange(0, 6).Draw(t, "kind") {
		case 0:
			f.name, f.secret = rapid.SampledFrom(secretNames).Draw(t, "secret"), true
			f.value = mark
		case 1:
			f.name, f.person = rapid.SampledFrom(personNames).Draw(t, "personal"), true
			f.value = mark
		case 2:
			f.name = rapid.SampledFrom(plainNames).Draw(t, "shaped")
			f.secret, f.value = true, rapid.SampledFrom([]string{"shpat_%s", "https://pay.example/o?key=%s", "sk_live_%s", "Bearer %s", "eyJ%s.a.b"}).Draw(t, "shape")
			f.value = fmt.Sprintf(f.value.(string), mark+"abcdef")
		case 3:
			f.name, f.person = rapid.SampledFrom(plainNames).Draw(t, "mail"), true
			f.value = "write to " + mark + "@example.com"
		case 4:
			if depth < 4 {
				f.name = rapid.SampledFrom([]string{"line_items", "order", "variant", "images"}).Draw(t, "nested")
				inner := generated(t, depth+1, leaves)
				f.value = any(inner)
				if rapid.Bool().Draw(t, "listed") {
					f.value = []any{inner, nil, true}
				}
				break
			}
			fallthrough
		default:
			f.name = rapid.SampledFrom(plainNames).Draw(t, "plain")
			f.value = json.Number(fmt.Sprintf("9007199254740993%d", len(*leaves)))
			if rapid.Bool().Draw(t, "text") {
				f.value = mark + " <&> \u2028 é"
			}
		}
		if _, taken := object[f.name]; taken {
			continue
		}
		object[f.name] = f.value
		if _, nested := f.value.(map[string]any); !nested {
			*leaves = append(*leaves, f)
		}
	}
	return object
}

// expected is the body as it has to be shown.
func expectedOf(value any, hide func(any) bool) any {
	switch v := value.(type) {
	case map[string]any:
		shown := map[string]any{}
		for name, inner := range v {
			shown[name] = expectedOf(inner, hide)
		}
		return shown
	case []any:
		shown := make([]any, len(v))
		for i, inner := range v {
			shown[i] = expectedOf(inner, hide)
		}
		return shown
	}
	if hide(value) {
		return hidden
	}
	return value
}

func parsed(t interface{ Fatalf(string, ...any) }, text string) any {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		t.Fatalf("not JSON any more: %v\n%s", err, text)
	}
	return value
}

func TestNoSecretIsShownAndEverythingElseIs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var leaves []field
		object := generated(t, 0, &leaves)
		body, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		sees := rapid.Bool().Draw(t, "sees customers")
		text, paths := redact(body, false, sees)
		hide := func(value any) bool {
			return slices.ContainsFunc(leaves, func(f field) bool {
				_, list := f.value.([]any)
				return !list && f.value == value && (f.secret || f.person && !sees)
			})
		}
		want := expectedOf(object, hide)
		if got := parsed(t, text); !reflect.DeepEqual(got, want) {
			t.Fatalf("shown as\n%s\nof\n%s\nwant\n%v", text, body, want)
		}
		if count := strings.Count(text, `"`+hidden+`"`); count != len(paths) {
			t.Fatalf("%d values are left out, and %d paths are told: %q", count, len(paths), paths)
		}
	})
}

// TestNoCustomerOfARealBodyIsShown looks for what is known of people in Shopify's own examples.
func TestNoCustomerOfARealBodyIsShown(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("../app/testdata/webhooks*/*.json")
	if err != nil || len(paths) < 20 {
		t.Fatalf("%d bodies, %v", len(paths), err)
	}
	for _, path := range paths {
		body, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(path)
		aboutPerson := strings.HasPrefix(name, "customer") || strings.Contains(name, "_customers_")
		text, left := redact(body, aboutPerson, false)
		for _, secret := range []string{
			"@", "authenticate?key", "Doe\"", "Norman", "Steve", "Shipper", "Chestnut", "Shipping Street", "40003", "555-", "+1",
			"c1-", "68778783ad298f1c80c3bafcddeea02f", "b1946ac92492d2347c6235b4d2611184",
		} {
			if strings.Contains(text, secret) {
				i := strings.Index(text, secret)
				t.Errorf("%s shows %q: %s", name, secret, text[max(0, i-80):min(len(text), i+80)])
			}
		}
		all, _ := redact(body, aboutPerson, true)
		if strings.Contains(all, "authenticate?key") || strings.Contains(all, "68778783ad298f1c80c3bafcddeea02f") {
			t.Errorf("%s shows a token to who sees customers", name)
		}
		if len(left) == 0 && strings.HasPrefix(name, "orders__create") {
			t.Errorf("%s has nothing to leave out", name)
		}
	}
}

func TestABodyThatIsHardToShowIsCutOff(t *testing.T) {
	t.Parallel()
	long := `{"title": "` + strings.Repeat("x", 1000) + `", "list": [` + strings.Repeat(`"abcdefgh", `, 400_000) + `1]}`
	for name, c := range map[string]struct{ body, want, not string }{
		"long":       {long, "too long", ""},
		"deep":       {strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000), "too deep", ""},
		"very deep":  {strings.Repeat(`{"a":`, 500_000), "too deep", ""},
		"broken":     {`{"title": "Gamay", "access_token": "abc", "price": `, "not valid JSON", "abc"},
		"no JSON":    {`access_token=abc`, "not valid JSON", "abc"},
		"two":        {`{"title": 1} {"access_token": "abc"}`, "not JSON", "abc"},
		"empty":      {``, "not valid JSON", ""},
		"no UTF-8":   {"{\"title\": \"a\xff\"}", "\uFFFD", ""},
		"only text":  {`"shpat_0123456789"`, hidden, "shpat"},
		"secret key": {`{"jo@example.com": {"a": 1}}`, hidden, "@"},
	} {
		text, _ := redact([]byte(c.body), false, false)
		if !strings.Contains(text, c.want) || c.not != "" && strings.Contains(text, c.not) {
			t.Errorf("%s: %.300s", name, text)
		}
		if len(text) > shownBytes+2000 {
			t.Errorf("%s: %d bytes are shown", name, len(text))
		}
	}
}

func FuzzRedact(f *testing.F) {
	for _, seed := range []string{`{"a":[1,{"email":"a@b.cd"}]}`, `[`, `{"a"`, `{"token":{"x":[1,2]}}`, "\xff", `{"a":1}}`} {
		f.Add([]byte(seed), true)
	}
	f.Fuzz(func(t *testing.T, body []byte, sees bool) {
		text, _ := redact(body, false, sees)
		if json.Valid(body) && !strings.Contains(text, "…") && !json.Valid([]byte(text)) {
			t.Errorf("%q is shown as %q", body, text)
		}
		if secretShapes.Match(bytes.TrimSpace([]byte(text))) {
			t.Errorf("%q is shown as %q", body, text)
		}
	})
}
