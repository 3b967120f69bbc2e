package chain

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"time"

	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/models"
)

func dayOf(at time.Time) time.Time { return at.UTC().Truncate(24 * time.Hour) }

// content is what a block is made of.
type content struct {
	block  models.ChainBlock
	packed []byte
}

// newContent is a block about the day of a time, with nothing in it.
func newContent(at time.Time) *content {
	return &content{block: models.ChainBlock{Day: dayOf(at), FirstAt: at, LastAt: at}}
}

// A block's links are kept with those that one transaction made, behind its time and whether they are of our making.
const (
	genuine = 0
	refused = 1
)

// put adds links that were made in one transaction.
func (c *content) put(at time.Time, mark byte, links []byte) {
	c.packed = binary.BigEndian.AppendUint64(c.packed, uint64(at.UnixMicro()))
	c.packed = append(c.packed, mark)
	c.packed = binary.AppendUvarint(c.packed, uint64(len(links)))
	c.packed = append(c.packed, links...)
}

// count takes a link into the sums of the block.
func (c *content) count(l *activity.Link) {
	first, last := l.At(), l.At()
	switch l.Kind {
	case activity.LinkRecorded:
		c.block.Recorded++
	case activity.LinkUpdated:
		c.block.Updated++
	case activity.LinkRedacted:
		c.block.Redacted++
	case activity.LinkLeft:
		c.block.Gone++
	case activity.LinkDropped:
		c.block.Dropped++
		last = l.Dropped.To.Add(-time.Microsecond)
	}
	if first.Before(c.block.FirstAt) {
		c.block.FirstAt = first
	}
	if last.After(c.block.LastAt) {
		c.block.LastAt = last
	}
}

var errBatches = errors.New("the block is cut off")

// readBatches hands over the links of each transaction in a block.
func readBatches(packed []byte, each func(at time.Time, mark byte, links []byte) error) error {
	for rest := packed; len(rest) > 0; {
		if len(rest) < 9 {
			return errBatches
		}
		at, mark := time.UnixMicro(int64(binary.BigEndian.Uint64(rest))).UTC(), rest[8]
		size, n := binary.Uvarint(rest[9:])
		if n <= 0 || size > uint64(len(rest)-9-n) {
			return errBatches
		}
		links := rest[9+n : 9+n+int(size)]
		rest = rest[9+n+int(size):]
		if err := each(at, mark, links); err != nil {
			return err
		}
	}
	return nil
}

// chained is the end of a shop's chain, to which blocks are added.
type chained struct {
	shop int64
	head models.ChainBlock
}

// add makes the next block.
func (c *chained) add(key *activity.Key, content *content, now time.Time) *models.ChainBlock {
	b := content.block
	b.ShopID, b.Number, b.At = c.shop, c.head.Number+1, now
	b.CoversFrom, b.TrimmedBefore = c.head.CoversFrom, c.head.TrimmedBefore
	b.Total = c.head.Total + int64(b.Recorded+b.Updated+b.Redacted+b.Gone+b.Dropped)
	b.Links = content.packed
	sum := sha256.Sum256(b.Links)
	b.LinksHash = sum[:]
	b.Previous = c.head.Hash
	if b.Previous == nil {
		b.Previous = make([]byte, sha256.Size)
	}
	b.Hash = hashOf(&b)
	b.Signature = key.Sign(b.Hash)
	c.head = b
	return &b
}

// hashOf is the hash of a block: of all it says, and so of all blocks before.
func hashOf(b *models.ChainBlock) []byte {
	raw := []byte("tagtrail block 1\n")
	for _, n := range []int64{
		b.ShopID, b.Number, b.At.UnixMicro(), b.Day.UnixMicro(), b.FirstAt.UnixMicro(), b.LastAt.UnixMicro(), b.CoversFrom.UnixMicro(),
		b.TrimmedBefore.UnixMicro(), int64(b.Recorded), int64(b.Updated), int64(b.Redacted), int64(b.Gone), int64(b.Dropped),
		int64(b.Refused), b.Total,
	} {
		raw = binary.BigEndian.AppendUint64(raw, uint64(n))
	}
	for _, part := range [][]byte{b.LinksHash, b.Previous} {
		raw = binary.AppendUvarint(raw, uint64(len(part)))
		raw = append(raw, part...)
	}
	sum := sha256.Sum256(raw)
	return sum[:]
}

// signed reports whether a block says what was signed.
func signed(key *activity.Key, b *models.ChainBlock) bool {
	return bytes.Equal(b.Hash, hashOf(b)) && ed25519.Verify(key.Public(), b.Hash, b.Signature)
}

// whole reports whether a block has the links that it was made with.
func whole(b *models.ChainBlock) bool {
	sum := sha256.Sum256(b.Links)
	return bytes.Equal(sum[:], b.LinksHash)
}
