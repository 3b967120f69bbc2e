// Package links signs addresses of files: a link cannot carry a session, so it says until when it is good.
package links

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/url"
	"strconv"
	"time"
)

var (
	// ErrForeign says that a link is not one of ours, or not for this.
	ErrForeign = errors.New("the link is not ours")
	// ErrOver says that a link was good, and has ended.
	ErrOver = errors.New("the link is over")
)

// Key signs links. Without one no link is good.
type Key []byte

// Purpose says in words what a link is good for, and until when, in seconds since 1970. No two kinds of links may say the
// same, and the words of one that somebody has may never change.
type Purpose func(ends int64) string

// Sign returns the query of a link.
func (k Key) Sign(p Purpose, ends time.Time) url.Values {
	return url.Values{
		"expires": {strconv.FormatInt(ends.Unix(), 10)},
		"sign":    {k.sign(p(ends.Unix()))},
	}
}

// Check returns ErrForeign or ErrOver where the query of a link is not good for that.
func (k Key) Check(p Purpose, query url.Values) error {
	ends, err := strconv.ParseInt(query.Get("expires"), 10, 64)
	if err != nil || k == nil || !hmac.Equal([]byte(query.Get("sign")), []byte(k.sign(p(ends)))) {
		return ErrForeign
	}
	if time.Now().Unix() >= ends {
		return ErrOver
	}
	return nil
}

func (k Key) sign(words string) string {
	mac := hmac.New(sha256.New, k)
	mac.Write([]byte(words))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
