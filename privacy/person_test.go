package privacy

import "testing"

func TestAPersonIsFoundHoweverTheyAreWritten(t *testing.T) {
	t.Parallel()
	p := &Person{
		Emails: []string{"ann@example.com"}, Phones: []string{"+44 20 7946 0958"}, Names: []string{"Ann Lee", "Prince", "Jo Same"},
		Shared: []string{"jo same"}, Words: []string{"17 Elm St.", "N1"},
	}
	m := p.marks()
	for text, want := range map[string]string{
		"Mail to ANN@Example.com.":                        "Mail to [erased].",
		"<ann@example.com>, ann@example.com":              "<[erased]>, [erased]",
		"joann@example.com and ann@example.com.au":        "joann@example.com and ann@example.com.au",
		"Ann  Lee, Joann Lee, Ann Leesburg, ann lee":      "[erased], Joann Lee, Ann Leesburg, [erased]",
		"+442079460958, 020 7946 0958, (0)20-7946.0958":   "[erased], [erased], [erased]",
		`"+44 20 7946 0958"`:                              `"[erased]"`,
		"order 9442079460958123, 2079460":                 "order 9442079460958123, 2079460",
		"Prince Edward and Jo Same of 17 Elm St., N1 7QX": "Prince Edward and Jo Same of 17 Elm St., N1 7QX",
		"Ann Lee": "[erased]",
		"":        "",
	} {
		if got := m.without(text, false); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"Prince and Jo Same of 17 Elm St.": "[erased] and [erased] of [erased]",
		"N1 7QX, (020) 7946 0958":          "N1 7QX, [erased]", // N1 is too short to be looked for
	} {
		if got := m.without(text, true); got != want {
			t.Errorf("surely: %q became %q, want %q", text, got, want)
		}
	}
}
