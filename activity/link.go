package activity

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// LinkKind is what was done to an entry.
type LinkKind byte

// What is done to entries.
const (
	// LinkRecorded says that an entry was written, LinkUpdated that it was changed, LinkRedacted that something was
	// taken out of it that must not be kept.
	LinkRecorded LinkKind = iota + 1
	LinkUpdated
	LinkRedacted
	// LinkLeft says that an entry left the log because its time was over, LinkDropped that a number of them did, with
	// the partition that they were in.
	LinkLeft
	LinkDropped
)

// Link is a part of the chain: what the program did to an entry, or to a range of them.
type Link struct {
	Kind LinkKind
	// ID is the entry's; Before and After stand for what it was and is.
	ID            uuid.UUID
	Before, After Digest
	// Dropped is what left with its partition.
	Dropped Dropped
}

// Dropped says that so many entries of a retention class left, of From <= occurredAt < To.
type Dropped struct {
	Class    int16
	From, To time.Time
	Count    int64
}

// At is when the entry was, to the millisecond, or when the first one was that was dropped.
func (l *Link) At() time.Time {
	if l.Kind == LinkDropped {
		return l.Dropped.From
	}
	var ms [8]byte
	copy(ms[2:], l.ID[:6])
	return time.UnixMilli(int64(binary.BigEndian.Uint64(ms[:]))).UTC()
}

// hasBefore and hasAfter say which digests a kind of link has.
func (k LinkKind) hasBefore() bool { return k == LinkUpdated || k == LinkRedacted || k == LinkLeft }
func (k LinkKind) hasAfter() bool  { return k == LinkRecorded || k == LinkUpdated || k == LinkRedacted }

// Append packs the link.
func (l *Link) Append(to []byte) []byte {
	to = append(to, byte(l.Kind))
	if l.Kind == LinkDropped {
		to = binary.BigEndian.AppendUint16(to, uint16(l.Dropped.Class))
		to = binary.BigEndian.AppendUint64(to, uint64(l.Dropped.From.UnixMicro()))
		to = binary.BigEndian.AppendUint64(to, uint64(l.Dropped.To.UnixMicro()))
		return binary.BigEndian.AppendUint64(to, uint64(l.Dropped.Count))
	}
	to = append(to, l.ID[:]...)
	if l.Kind.hasBefore() {
		to = append(to, l.Before[:]...)
	}
	if l.Kind.hasAfter() {
		to = append(to, l.After[:]...)
	}
	return to
}

// droppedSize is how long a dropped link is without its kind.
const droppedSize = 2 + 3*8

var errLinks = errors.New("the links are cut off or none")

// ReadLinks hands over each of the links.
func ReadLinks(packed []byte, each func(l *Link) error) error {
	for rest := packed; len(rest) > 0; {
		l := Link{Kind: LinkKind(rest[0])}
		rest = rest[1:]
		switch {
		case l.Kind == LinkDropped && len(rest) >= droppedSize:
			l.Dropped = Dropped{
				Class: int16(binary.BigEndian.Uint16(rest)),
				From:  time.UnixMicro(int64(binary.BigEndian.Uint64(rest[2:]))).UTC(),
				To:    time.UnixMicro(int64(binary.BigEndian.Uint64(rest[10:]))).UTC(),
				Count: int64(binary.BigEndian.Uint64(rest[18:])),
			}
			rest = rest[droppedSize:]
		case l.Kind.hasBefore() || l.Kind.hasAfter():
			n := len(l.ID)
			if l.Kind.hasBefore() {
				n += DigestSize
			}
			if l.Kind.hasAfter() {
				n += DigestSize
			}
			if len(rest) < n {
				return errLinks
			}
			copy(l.ID[:], rest)
			if l.Kind.hasBefore() {
				copy(l.Before[:], rest[len(l.ID):])
			}
			if l.Kind.hasAfter() {
				copy(l.After[:], rest[n-DigestSize:])
			}
			rest = rest[n:]
		default:
			return errLinks
		}
		if err := each(&l); err != nil {
			return err
		}
	}
	return nil
}

var errNoKey = errors.New("the log cannot be written to without the key of its chain")

// Pending packs links for the chain of a shop.
func (k *Key) Pending(shop int64, links []Link) *models.ChainPending {
	p := &models.ChainPending{ShopID: shop, At: models.Now()}
	for i := range links {
		p.Links = links[i].Append(p.Links)
	}
	p.MAC = k.mark(shop, p.At, p.Links)
	return p
}

// LinksOf makes the links of entries that are written for the first time, by the number of their shop.
func (k *Key) LinksOf(entries []*models.Activity) (map[int64][]Link, error) {
	if k == nil {
		return nil, errNoKey
	}
	links := map[int64][]Link{}
	for _, e := range entries {
		after, err := k.digest(e)
		if err != nil {
			return nil, err
		}
		l, err := linkOf(LinkRecorded, e.ID, Digest{}, after)
		if err != nil {
			return nil, err
		}
		links[e.ShopID] = append(links[e.ShopID], l)
	}
	return links, nil
}

func linkOf(kind LinkKind, id string, before, after Digest) (Link, error) {
	parsed, err := uuid.Parse(id)
	if err != nil {
		return Link{}, fmt.Errorf("link activity %s: %w", id, err)
	}
	return Link{Kind: kind, ID: parsed, Before: before, After: after}, nil
}

// writeLinks puts links into the queue for the shop's chain, in the transaction of what they tell of.
func (k *Key) writeLinks(db *gorm.DB, shop int64, links []Link) error {
	return k.writeAll(db, map[int64][]Link{shop: links})
}

// linksAtOnce bounds the shops whose links are written with one statement.
const linksAtOnce = 500

// writeAll is writeLinks for several shops.
func (k *Key) writeAll(db *gorm.DB, links map[int64][]Link) error {
	var rows []*models.ChainPending
	for shop, some := range links {
		if len(some) > 0 {
			rows = append(rows, k.Pending(shop, some))
		}
	}
	if len(rows) == 0 {
		return nil
	}
	if err := db.CreateInBatches(rows, linksAtOnce).Error; err != nil {
		return fmt.Errorf("write links: %w", err)
	}
	return nil
}

// changed notes that the transaction changed an entry, which was as before says and is now as entry says.
func (t *Tx) changed(kind LinkKind, entry *models.Activity, before Digest) error {
	after, err := t.key.digest(entry)
	if err != nil {
		return err
	}
	l, err := linkOf(kind, entry.ID, before, after)
	t.links = append(t.links, l)
	return err
}

// stored is an entry with its JSON as the database has it.
type stored struct {
	models.Activity `gorm:"embedded"`
	RawChanges      []byte
	RawEvaluations  []byte
	RawHistory      []byte
	RawMetadata     []byte
}

// TableName is the log's.
func (stored) TableName() string { return "activities" }

// storedColumns selects what stored has.
const storedColumns = "*, changes AS raw_changes, evaluations AS raw_evaluations, history AS raw_history, metadata AS raw_metadata"

func (s *stored) digest(k *Key) Digest {
	return k.digestWith(&s.Activity, s.RawChanges, s.RawEvaluations, s.RawHistory, s.RawMetadata)
}

// leftLinks are the links of entries that have left.
func leftLinks(k *Key, gone []stored) ([]Link, error) {
	links := make([]Link, len(gone))
	for i := range gone {
		var err error
		if links[i], err = linkOf(LinkLeft, gone[i].ID, gone[i].digest(k), Digest{}); err != nil {
			return nil, err
		}
	}
	return links, nil
}
