package activity

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/tagtrail/tagtrail/models"
)

// Key is what makes the log verifiable: with it digests and links are made, and blocks of them signed. Who has the
// database alone has not got it.
type Key struct {
	digests, links []byte
	signing        ed25519.PrivateKey
}

// NewKey makes the key that follows from a secret.
func NewKey(secret [32]byte) *Key {
	derive := func(use string) []byte {
		derived, err := hkdf.Key(sha256.New, secret[:], nil, "tagtrail chain: "+use, 32)
		if err != nil {
			panic(err) // 32 bytes are always to be had
		}
		return derived
	}
	return &Key{
		digests: derive("digests of entries"),
		links:   derive("links that wait"),
		signing: ed25519.NewKeyFromSeed(derive("signatures of blocks")),
	}
}

// Sign signs a block's hash.
func (k *Key) Sign(hash []byte) []byte { return ed25519.Sign(k.signing, hash) }

// Public is the key that verifies signatures.
func (k *Key) Public() ed25519.PublicKey {
	return k.signing.Public().(ed25519.PublicKey) //nolint:forcetypeassert // it is one by its documentation
}

// DigestSize is the length of a digest.
const DigestSize = 16

// Digest stands for an entry as it is. Nobody without the key can tell what it is of, or make one.
type Digest [DigestSize]byte

// DigestCells makes the digest of an entry from its DigestColumns as text: times in RFC 3339, nil for null, JSON as the
// database has it.
func (k *Key) DigestCells(cells [][]byte) Digest {
	mac := hmac.New(sha256.New, k.digests)
	mac.Write(canon(make([]byte, 0, 2048), cells))
	return Digest(mac.Sum(nil)[:DigestSize])
}

// digest makes the digest of an entry that is about to be written.
func (k *Key) digest(e *models.Activity) (Digest, error) {
	changes, err1 := json.Marshal(e.Changes)
	evaluations, err2 := json.Marshal(e.Evaluations)
	history, err3 := json.Marshal(e.History)
	metadata, err4 := json.Marshal(e.Metadata)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return Digest{}, fmt.Errorf("digest activity %s: %w", e.ID, err)
	}
	return k.digestWith(e, changes, evaluations, history, metadata), nil
}

// digestWith makes the digest of an entry whose JSON is given as text.
func (k *Key) digestWith(e *models.Activity, changes, evaluations, history, metadata []byte) Digest {
	return k.DigestCells([][]byte{
		[]byte(e.ID), number(e.ShopID), moment(e.OccurredAt), moment(e.UpdatedAt), []byte(e.Type), []byte(e.Action),
		number(int64(e.Categories)), []byte(e.Status), []byte(e.Summary), []byte(e.ActorType), optional(e.ActorID), []byte(e.ActorName),
		optional(e.EntityType), optional(e.EntityID), optional(e.EntityTitle), optional(e.EntityURL), optional(e.RuleID),
		optionalNumber(e.RuleVersion), optional(e.CauseID), optional(e.OperationID), changes, evaluations,
		history, metadata, optional(e.ErrorCode), optional(e.ErrorMessage), optional(e.ErrorStack),
		number(int64(e.Attempts)),
	})
}

func number(n int64) []byte { return strconv.AppendInt(nil, n, 10) }

func moment(at time.Time) []byte { return at.UTC().AppendFormat(nil, time.RFC3339Nano) }

func optional(text *string) []byte {
	if text == nil {
		return nil
	}
	return append([]byte{}, *text...)
}

func optionalNumber(n *int) []byte {
	if n == nil {
		return nil
	}
	return number(int64(*n))
}

// macSize is the length of the mark on links that wait.
const macSize = 16

// mark shows that links are of the program's making, for this shop and time.
func (k *Key) mark(shop int64, at time.Time, links []byte) []byte {
	mac := hmac.New(sha256.New, k.links)
	head := binary.BigEndian.AppendUint64(nil, uint64(shop))
	mac.Write(binary.BigEndian.AppendUint64(head, uint64(at.UnixMicro())))
	mac.Write(links)
	return mac.Sum(nil)[:macSize]
}

// Genuine reports whether links that wait are of the program's making.
func (k *Key) Genuine(p *models.ChainPending) bool {
	return hmac.Equal(p.MAC, k.mark(p.ShopID, p.At, p.Links))
}
