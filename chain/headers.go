package chain

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/tagtrail/tagtrail/models"
	"gorm.io/gorm"
)

// header is how far the blocks were looked at.
type header struct {
	number int64
	hash   []byte
}

// headers goes over the blocks behind one, in order, and returns the last one.
func (v *verification) headers(ctx context.Context, last header) (header, error) {
	err := models.InSnapshot(ctx, v.DB, func(tx *gorm.DB) error {
		if err := v.bounds(tx); err != nil {
			return err
		}
		rows, err := tx.Model(&models.ChainBlock{}).Where("shop_id = ? AND number > ?", v.shop.ID, last.number).Order("number").Rows()
		if err != nil {
			return fmt.Errorf("read blocks: %w", err)
		}
		defer rows.Close()
		for rows.Next() {
			var b models.ChainBlock
			if err := tx.ScanRows(rows, &b); err != nil {
				return fmt.Errorf("read a block: %w", err)
			}
			v.header(&b, &last)
		}
		return rows.Err()
	})
	return last, err
}

// bounds finds out what the chain covers, from its first block, and which links may be gone, from the newest block that
// is signed.
func (v *verification) bounds(tx *gorm.DB) error {
	var first []models.ChainBlock
	if err := tx.Omit("links").Where("shop_id = ? AND number = 1", v.shop.ID).Find(&first).Error; err != nil {
		return err
	}
	if len(first) > 0 && signed(v.Key, &first[0]) {
		v.covers = first[0].CoversFrom.UTC()
	}
	for number := int64(1<<63 - 1); ; {
		var blocks []models.ChainBlock
		err := tx.Omit("links").Where("shop_id = ? AND number < ?", v.shop.ID, number).Order("number DESC").Limit(20).Find(&blocks).Error
		if err != nil || len(blocks) == 0 {
			return err
		}
		for i := range blocks {
			if signed(v.Key, &blocks[i]) {
				v.trimmed = blocks[i].TrimmedBefore.UTC()
				return nil
			}
			number = blocks[i].Number
		}
	}
}

// header looks at one block behind the last one.
func (v *verification) header(b *models.ChainBlock, last *header) {
	v.report.Blocks++
	if b.Number > last.number+1 {
		v.found(Broken, b.At.UTC(), "", "the chain lacks the blocks %d to %d", last.number+1, b.Number-1)
	}
	previous := last.hash
	if previous == nil {
		previous = make([]byte, sha256.Size)
	}
	switch {
	case !signed(v.Key, b):
		v.found(Broken, b.At.UTC(), "", "block %d is not as it was signed, or was signed with another key", b.Number)
	case b.Number == last.number+1 && !bytes.Equal(b.Previous, previous):
		v.found(Broken, b.At.UTC(), "", "block %d does not follow the block before it", b.Number)
	default:
		v.report.Links = b.Total
		v.report.Redacted += int64(b.Redacted)
		v.report.Left += int64(b.Gone)
	}
	if b.Refused > 0 {
		v.found(Forged, b.At.UTC(), "", "%d links that Tagtrail did not make waited to get into the chain; they were refused", b.Refused)
	}
	if !whole(b) && (b.Links != nil || !b.LastAt.Before(v.trimmed)) {
		v.found(Broken, b.At.UTC(), "", "the links of block %d are changed, or were taken away", b.Number)
	}
	last.number, last.hash = b.Number, b.Hash
}

// blockAt returns the hash of a block, or nil.
func (v *verification) blockAt(ctx context.Context, number int64) ([]byte, error) {
	var blocks []models.ChainBlock
	err := v.DB.WithContext(ctx).Select("number", "hash").Where("shop_id = ? AND number = ?", v.shop.ID, number).Find(&blocks).Error
	if err != nil || len(blocks) == 0 {
		return nil, err
	}
	return blocks[0].Hash, nil
}
