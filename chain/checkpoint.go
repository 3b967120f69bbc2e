package chain

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/tagtrail/tagtrail/blob"
	"github.com/tagtrail/tagtrail/models"
)

// Checkpoint says where a shop's chain was at a time. It is kept outside of the database, and can be verified with the
// public key alone.
type Checkpoint struct {
	Shop  string    `json:"shop"`
	Block int64     `json:"block"`
	Hash  []byte    `json:"hash"`
	Links int64     `json:"links"`
	At    time.Time `json:"at"`
	// Signature is of the hash, by Ed25519.
	Signature []byte `json:"signature"`
	PublicKey []byte `json:"publicKey"`

	// name is the file that it is in.
	name string
}

// checkpointAfter is how long there is no other checkpoint of a shop after one.
const checkpointAfter = 5 * time.Minute

// Checkpoints writes down where the chains are that went on since it was written down last.
func (s *Service) Checkpoints(ctx context.Context) error {
	now := s.now()
	var due []models.Chain
	err := s.DB.WithContext(ctx).Where("checkpointed_at <= ? OR checkpointed_at > ?", now.Add(-checkpointAfter), now.Add(checkpointAfter)).
		Where("checkpoint <> (SELECT coalesce(max(number), 0) FROM chain_blocks WHERE chain_blocks.shop_id = chains.shop_id)").
		Order("shop_id").Find(&due).Error
	if err != nil {
		return fmt.Errorf("find chains without a checkpoint: %w", err)
	}
	for i := range due {
		if err := s.checkpoint(ctx, &due[i], now); err != nil {
			return fmt.Errorf("write a checkpoint of shop %d: %w", due[i].ShopID, err)
		}
	}
	return nil
}

func (s *Service) checkpoint(ctx context.Context, row *models.Chain, now time.Time) error {
	claimed := s.DB.WithContext(ctx).Model(&models.Chain{}).Where("shop_id = ? AND checkpointed_at = ?", row.ShopID, row.CheckpointedAt).
		Update("checkpointed_at", now)
	if claimed.Error != nil || claimed.RowsAffected == 0 {
		return claimed.Error
	}
	var shop models.Shop
	if err := s.DB.WithContext(ctx).Select("id", "domain").Where("id = ?", row.ShopID).Take(&shop).Error; err != nil {
		return err
	}
	var head models.ChainBlock
	err := s.DB.WithContext(ctx).Omit("links").Where("shop_id = ?", row.ShopID).Order("number DESC").Limit(1).Take(&head).Error
	if err != nil {
		return err
	}
	c := Checkpoint{
		Shop:      shop.Domain,
		Block:     head.Number,
		Hash:      head.Hash,
		Links:     head.Total,
		At:        head.At.UTC(),
		Signature: head.Signature,
		PublicKey: s.Key.Public(),
	}
	raw, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	name, err := s.nameFor(ctx, &shop, now)
	if err != nil {
		return err
	}
	if err := s.Files.WriteAll(ctx, name, append(raw, '\n'), &blob.WriterOptions{ContentType: "application/json"}); err != nil {
		return err
	}
	return s.DB.WithContext(ctx).Model(&models.Chain{}).Where("shop_id = ?", row.ShopID).Update("checkpoint", head.Number).Error
}

// Folder is where the checkpoints of a shop are.
func Folder(domain string) string { return "checkpoints/" + domain + "/" }

// nameFor is the file of a shop's day. One that the chain does not know of any more is kept: it is evidence.
func (s *Service) nameFor(ctx context.Context, shop *models.Shop, now time.Time) (string, error) {
	v := s.verification(shop, func(Finding) {})
	for n := 1; ; n++ {
		name := Folder(shop.Domain) + now.Format("2006-01-02")
		if n > 1 {
			name += fmt.Sprintf("-%d", n)
		}
		name += ".json"
		c, err := s.readCheckpoint(ctx, name)
		if blob.IsMissing(err) {
			return name, nil
		}
		if err != nil && !errors.Is(err, errNoCheckpoint) {
			return "", err
		}
		if err == nil {
			fits, err := v.fits(ctx, c)
			if err != nil || fits {
				return name, err
			}
		}
	}
}

var errNoCheckpoint = errors.New("it is not a checkpoint")

func (s *Service) readCheckpoint(ctx context.Context, name string) (*Checkpoint, error) {
	raw, err := s.Files.ReadAll(ctx, name)
	if err != nil {
		return nil, err
	}
	return ParseCheckpoint(name, raw)
}

// ParseCheckpoint reads a checkpoint that somebody kept.
func ParseCheckpoint(name string, raw []byte) (*Checkpoint, error) {
	c := &Checkpoint{name: name}
	if err := json.Unmarshal(raw, c); err != nil || c.Shop == "" || c.Block < 1 {
		return nil, fmt.Errorf("read %s: %w", name, errNoCheckpoint)
	}
	return c, nil
}

// fits reports whether the chain has the block that a checkpoint tells of.
func (v *verification) fits(ctx context.Context, c *Checkpoint) (bool, error) {
	hash, err := v.blockAt(ctx, c.Block)
	return err == nil && bytes.Equal(hash, c.Hash), err
}

// checkpoints holds the chain against every checkpoint of the shop.
func (v *verification) checkpoints(ctx context.Context, kept []Checkpoint) error {
	for i := range kept {
		if kept[i].Shop == v.shop.Domain {
			if err := v.checkpoint(ctx, &kept[i]); err != nil {
				return err
			}
		}
	}
	files := v.Files.List(&blob.ListOptions{Prefix: Folder(v.shop.Domain)})
	for {
		file, err := files.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		c, err := v.readCheckpoint(ctx, file.Key)
		if errors.Is(err, errNoCheckpoint) {
			v.found(Broken, file.ModTime.UTC(), "", "the checkpoint %s cannot be read", file.Key)
			continue
		}
		if err != nil {
			return err
		}
		if err := v.checkpoint(ctx, c); err != nil {
			return err
		}
	}
}

func (v *verification) checkpoint(ctx context.Context, c *Checkpoint) error {
	v.report.Checkpoints++
	if c.Shop != v.shop.Domain || len(c.Hash) == 0 || !ed25519.Verify(v.Key.Public(), c.Hash, c.Signature) {
		v.found(Broken, c.At, "", "the checkpoint %s was not signed by this installation", c.name)
		return nil
	}
	fits, err := v.fits(ctx, c)
	if err == nil && !fits {
		v.found(Cut, c.At, "", "the chain was cut or made anew: it does not have block %d as the checkpoint %s has it", c.Block, c.name)
	}
	return err
}
