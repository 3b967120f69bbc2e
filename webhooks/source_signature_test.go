package webhooks

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/tagtrail/tagtrail/models"
)

var noon = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func headers(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

// TestSignaturesThatTheSendersPublish checks what the senders' own documents and libraries give as examples.
func TestSignaturesThatTheSendersPublish(t *testing.T) {
	t.Parallel()
	square := signed{
		kind:   models.SourceSquare,
		secret: "asdf1234",
		url:    "https://example.com/webhook",
		raw:    []byte(`{"hello":"world"}`),
		header: headers("x-square-hmacsha256-signature", "2kRE5qRU2tR+tBGlDwMEw2avJ7QM4ikPYD/PJ3bd9Og="),
	}
	if err := square.verify(); err != nil {
		t.Errorf("Square's example: %v", err)
	}
	standard := signed{
		kind:   models.SourceStandard,
		secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
		raw:    []byte(`{"test": 2432232314}`),
		header: headers("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp", "1614265330",
			"webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
		now:       time.Unix(1614265330, 0),
		tolerance: time.Minute,
	}
	if err := standard.verify(); err != nil {
		t.Errorf("the example of Standard Webhooks: %v", err)
	}
}

func stripeHeader(at time.Time, secret, body string) string {
	seconds := fmt.Sprint(at.Unix())
	return "t=" + seconds + ",v1=" + hex.EncodeToString(mac([]byte(secret), seconds, ".", body))
}

func TestSignaturesOfStripe(t *testing.T) {
	t.Parallel()
	const secret, body = "whsec_test", `{"id":"evt_1"}`
	good := stripeHeader(noon, secret, body)
	_, hexOfGood, _ := cut3(good)
	for name, test := range map[string]struct {
		header string
		body   string
		now    time.Time
		want   error
	}{
		"good":                           {good, body, noon, nil},
		"while the secret is replaced":   {"t=" + fmt.Sprint(noon.Unix()) + ",v1=00ff,v1=" + hexOfGood + ",v0=6ffbb59b", body, noon, nil},
		"with spaces":                    {" t=" + fmt.Sprint(noon.Unix()) + ", v1=" + hexOfGood, body, noon, nil},
		"at the end of the tolerance":    {good, body, noon.Add(5 * time.Minute), nil},
		"too late":                       {good, body, noon.Add(5*time.Minute + time.Second), tooOld},
		"from the future":                {good, body, noon.Add(-5*time.Minute - time.Second), tooOld},
		"another body":                   {good, body + " ", noon, wronglyBy},
		"another secret":                 {stripeHeader(noon, "whsec_other", body), body, noon, wronglyBy},
		"only an older scheme":           {"t=" + fmt.Sprint(noon.Unix()) + ",v0=" + hexOfGood, body, noon, unsigned},
		"without a time":                 {"v1=" + hexOfGood, body, noon, unsigned},
		"a time that was not signed":     {"t=" + fmt.Sprint(noon.Unix()+1) + ",v1=" + hexOfGood, body, noon, wronglyBy},
		"nothing":                        {"", body, noon, unsigned},
		"a signature that is not digits": {"t=1,v1=zz", body, noon, unsigned},
	} {
		s := signed{kind: models.SourceStripe, secret: secret, header: headers("Stripe-Signature", test.header), raw: []byte(test.body),
			now: test.now, tolerance: 5 * time.Minute}
		if err := s.verify(); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
}

func cut3(header string) (at, signature string, ok bool) {
	var seconds int64
	n, err := fmt.Sscanf(header, "t=%d,v1=%s", &seconds, &signature)
	return fmt.Sprint(seconds), signature, n == 2 && err == nil
}

func TestSignaturesOfSquareHaveNoTimeButTheEventsOwn(t *testing.T) {
	t.Parallel()
	const secret, url = "key", "https://app.example/webhooks/sources/1"
	for name, test := range map[string]struct {
		created string
		signURL string
		want    error
	}{
		"now":                          {noon.Format(time.RFC3339), url, nil},
		"no time":                      {"", url, nil},
		"the last of Square's retries": {noon.Add(-72 * time.Hour).Format(time.RFC3339), url, nil},
		"older than that":              {noon.Add(-73 * time.Hour).Format(time.RFC3339), url, staleSent},
		"from the future":              {noon.Add(time.Hour).Format(time.RFC3339), url, staleSent},
		"for another address":          {noon.Format(time.RFC3339), url + "/", wronglyBy},
	} {
		body := `{"event_id":"1","created_at":"` + test.created + `"}`
		signature := base64.StdEncoding.EncodeToString(mac([]byte(secret), test.signURL, body))
		s := signed{kind: models.SourceSquare, secret: secret, url: url, raw: []byte(body), now: noon, tolerance: 5 * time.Minute,
			header: headers("x-square-hmacsha256-signature", signature)}
		if err := s.verify(); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
}

func TestSignaturesOfStandardWebhooks(t *testing.T) {
	t.Parallel()
	const secret, id, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_1", `{"type":"a"}`
	key, err := standardKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	at := fmt.Sprint(noon.Unix())
	good := base64.StdEncoding.EncodeToString(mac(key, id, ".", at, ".", body))
	for name, test := range map[string]struct {
		id, at, signature string
		now               time.Time
		want              error
	}{
		"good":                          {id, at, "v1," + good, noon, nil},
		"several":                       {id, at, "v1,AAAA v1a,AAAA v1," + good, noon, nil},
		"another version":               {id, at, "v1a," + good, noon, unsigned},
		"another id":                    {"msg_2", at, "v1," + good, noon, wronglyBy},
		"another time":                  {id, fmt.Sprint(noon.Unix() + 1), "v1," + good, noon, wronglyBy},
		"too late":                      {id, at, "v1," + good, noon.Add(time.Hour), tooOld},
		"from the future":               {id, at, "v1," + good, noon.Add(-time.Hour), tooOld},
		"without an id":                 {"", at, "v1," + good, noon, unsigned},
		"an empty signature":            {id, at, "v1,", noon, unsigned},
		"a time that is not a number":   {id, "soon", "v1," + good, noon, wronglyBy},
		"a signature without a version": {id, at, good, noon, unsigned},
	} {
		s := signed{kind: models.SourceStandard, secret: secret, raw: []byte(body), now: test.now, tolerance: 5 * time.Minute,
			header: headers("webhook-id", test.id, "webhook-timestamp", test.at, "webhook-signature", test.signature)}
		if err := s.verify(); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
}

func FuzzStripeSignature(f *testing.F) {
	f.Add("t=1492774577,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd,v0=6ffbb59b", []byte(`{"id":"evt_1"}`))
	f.Add("t=,v1=", []byte(""))
	f.Add(",,=,t=9223372036854775807,v1=00", []byte("{}"))
	f.Fuzz(func(t *testing.T, header string, body []byte) {
		const secret = "whsec_test"
		s := signed{kind: models.SourceStripe, secret: secret, header: headers("Stripe-Signature", header), raw: body, now: noon, tolerance: time.Minute}
		if s.verify() != nil {
			return
		}
		at, signatures := parseStripe(header)
		if !anyEqual(mac([]byte(secret), at, ".", string(body)), signatures) {
			t.Errorf("%q was taken", header)
		}
	})
}

func FuzzStandardSignature(f *testing.F) {
	f.Add("msg_1", "1614265330", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", []byte(`{"test": 2432232314}`))
	f.Add("", "-1", "v1, v1,AA v2", []byte(""))
	f.Fuzz(func(t *testing.T, id, at, signature string, body []byte) {
		const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
		s := signed{kind: models.SourceStandard, secret: secret, raw: body, now: noon, tolerance: time.Minute,
			header: headers("webhook-id", id, "webhook-timestamp", at, "webhook-signature", signature)}
		if s.verify() != nil {
			return
		}
		key, _ := standardKey(secret)
		if !anyEqual(mac(key, id, ".", at, ".", string(body)), parseStandard(signature)) {
			t.Errorf("%q was taken", signature)
		}
	})
}
