package streams

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tagtrail/tagtrail/models"
)

const (
	secretPrefix = "whsec_"
	secretBytes  = 32
	// rotation is how long the old secret signs beside the new one.
	rotation = 24 * time.Hour
)

func sealOwner(id string) string { return "stream " + id }

func newSecret() (string, error) {
	key := make([]byte, secretBytes)
	if _, err := rand.Read(key); err != nil {
		return "", fmt.Errorf("make secret: %w", err)
	}
	return secretPrefix + base64.StdEncoding.EncodeToString(key), nil
}

// sign returns the headers of the Standard Webhooks scheme (standardwebhooks.com) for the body.
func sign(secrets []string, id string, at time.Time, body []byte) (map[string]string, error) {
	seconds := strconv.FormatInt(at.Unix(), 10)
	var signatures []string
	for _, secret := range secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, secretPrefix))
		if err != nil {
			return nil, fmt.Errorf("read secret: %w", err)
		}
		mac := hmac.New(sha256.New, key)
		fmt.Fprintf(mac, "%s.%s.", id, seconds)
		mac.Write(body)
		signatures = append(signatures, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	return map[string]string{
		"webhook-id":        id,
		"webhook-timestamp": seconds,
		"webhook-signature": strings.Join(signatures, " "),
	}, nil
}

// secrets returns those that sign, the new one first.
func (s *Service) secrets(stream *models.Stream, now time.Time) ([]string, error) {
	sealed := [][]byte{stream.Secret}
	if stream.OldSecretUntil != nil && now.Before(*stream.OldSecretUntil) {
		sealed = append(sealed, stream.OldSecret)
	}
	secrets := make([]string, len(sealed))
	for i := range sealed {
		var err error
		if secrets[i], err = s.Shops.Sealer.Open(sealOwner(stream.ID), sealed[i]); err != nil {
			return nil, err
		}
	}
	return secrets, nil
}
