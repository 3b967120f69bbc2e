package shops

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// Sealer keeps secrets at rest with AES-256-GCM. New ones are sealed with the first key; the others still open
// what was sealed before they were replaced.
type Sealer struct {
	current string
	keys    map[string]cipher.AEAD
}

const keySize = 32

// ParseKeys reads keys in the form ID:BASE64[,ID:BASE64...], each of 32 bytes.
func ParseKeys(list string) (*Sealer, error) {
	s := &Sealer{keys: map[string]cipher.AEAD{}}
	for part := range strings.SplitSeq(list, ",") {
		id, encoded, ok := strings.Cut(strings.TrimSpace(part), ":")
		if !ok || id == "" || len(id) > 255 {
			return nil, errors.New("each key must have the form ID:BASE64")
		}
		key, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil || len(key) != keySize {
			return nil, fmt.Errorf("key %q must be 32 bytes in base64; make one with: openssl rand -base64 32", id)
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, fmt.Errorf("key %q: %w", id, err)
		}
		aead, err := cipher.NewGCM(block)
		if err != nil {
			return nil, fmt.Errorf("key %q: %w", id, err)
		}
		if _, twice := s.keys[id]; twice {
			return nil, fmt.Errorf("key id %q is given twice", id)
		}
		if s.current == "" {
			s.current = id
		}
		s.keys[id] = aead
	}
	return s, nil
}

// Seal encrypts a secret. It opens only with the same owner, so a row cannot borrow another's secret.
func (s *Sealer) Seal(owner, secret string) ([]byte, error) {
	aead := s.keys[s.current]
	nonce := make([]byte, aead.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, fmt.Errorf("make nonce: %w", err)
	}
	sealed := append([]byte{byte(len(s.current))}, s.current...)
	sealed = append(sealed, nonce...)
	return aead.Seal(sealed, nonce, []byte(secret), []byte(owner)), nil
}

// Open decrypts what Seal made.
func (s *Sealer) Open(owner string, sealed []byte) (string, error) {
	if len(sealed) == 0 || len(sealed) < 1+int(sealed[0]) {
		return "", errors.New("open secret: it is cut off")
	}
	id, rest := string(sealed[1:1+sealed[0]]), sealed[1+sealed[0]:]
	aead, ok := s.keys[id]
	if !ok {
		return "", fmt.Errorf("open secret: the key %q it was sealed with is not in ENCRYPTION_KEYS", id)
	}
	if len(rest) < aead.NonceSize() {
		return "", errors.New("open secret: it is cut off")
	}
	secret, err := aead.Open(nil, rest[:aead.NonceSize()], rest[aead.NonceSize():], []byte(owner))
	if err != nil {
		return "", fmt.Errorf("open secret: %w", err)
	}
	return string(secret), nil
}

// Current reports whether a secret is sealed with the key that new ones are.
func (s *Sealer) Current(sealed []byte) bool {
	return len(sealed) > 0 && len(sealed) > int(sealed[0]) && string(sealed[1:1+sealed[0]]) == s.current
}
