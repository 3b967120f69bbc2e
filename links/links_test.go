package links

import (
	"errors"
	"fmt"
	"net/url"
	"testing"
	"time"
)

func saying(words string) Purpose {
	return func(ends int64) string { return fmt.Sprintf("%s until %d", words, ends) }
}

func TestALinkIsGoodForOneThingUntilItEnds(t *testing.T) {
	t.Parallel()
	key, hour := Key("a key"), time.Now().Add(time.Hour)
	with := func(query url.Values, name, value string) url.Values {
		query.Set(name, value)
		return query
	}
	signed := func(key Key, words string, ends time.Time) url.Values { return key.Sign(saying(words), ends) }
	for what, link := range map[string]struct {
		key   Key
		query url.Values
		want  error
	}{
		"a good one":          {key, signed(key, "the file", hour), nil},
		"one that is over":    {key, signed(key, "the file", time.Now().Add(-time.Second)), ErrOver},
		"one for another":     {key, signed(key, "another file", hour), ErrForeign},
		"one of another key":  {key, signed(Key("another"), "the file", hour), ErrForeign},
		"one that ends later": {key, with(signed(key, "the file", hour), "expires", fmt.Sprint(hour.Unix()+1)), ErrForeign},
		"one that never ends": {key, with(signed(key, "the file", hour), "expires", "never"), ErrForeign},
		"one that has no key": {nil, signed(nil, "the file", hour), ErrForeign},
		"one without a sign":  {key, with(signed(key, "the file", hour), "sign", ""), ErrForeign},
		"nothing":             {key, nil, ErrForeign},
	} {
		if err := link.key.Check(saying("the file"), link.query); !errors.Is(err, link.want) {
			t.Errorf("%s: %v, want %v", what, err, link.want)
		}
	}
}
