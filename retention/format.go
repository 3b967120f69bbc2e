package retention

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/tagtrail/tagtrail/models"
)

const (
	// formatVersion is the version of a file's lines and of its manifest.
	formatVersion = 1
	// fileEntries is how many entries a file has at most, so that it is written and verified in one short task.
	fileEntries = 20_000
	dataEnding  = ".jsonl.zst"
	manifestEnd = ".manifest.json"
)

// folder is where the files of a shop are.
func folder(shop string) string { return "archive/" + shop + "/" }

// fileName is the name of a part of a day, without its ending. One that was written anew says how often.
func fileName(shop string, day time.Time, part, generation int) string {
	name := fmt.Sprintf("%s%s/%s.%d", folder(shop), day.UTC().Format("2006/01"), day.UTC().Format("2006-01-02"), part)
	if generation > 0 {
		name += fmt.Sprintf(".g%d", generation)
	}
	return name
}

// nameOf is the name of the file that is noted down so.
func nameOf(shop string, p *models.ArchivePart) string {
	return fileName(shop, p.Day, p.Part, p.Generation)
}

// Manifest says what is in a file of the archive. It says the same of the same entries, whenever it is written.
type Manifest struct {
	Version int `json:"version"`
	// Shop is the shop's myshopify.com name.
	Shop string `json:"shop"`
	// Day is the day in UTC, and Part the number of the file among its files.
	Day  string `json:"day"`
	Part int    `json:"part"`
	// File is the name of the file beside the manifest, and SHA256 its checksum as it is stored.
	File    string    `json:"file"`
	SHA256  string    `json:"sha256"`
	Bytes   int64     `json:"bytes"`
	Entries int       `json:"entries"`
	FirstAt time.Time `json:"firstAt"`
	FirstID string    `json:"firstId"`
	LastAt  time.Time `json:"lastAt"`
	LastID  string    `json:"lastId"`
	// Fingerprint is the sum of when the entries last changed, each in microseconds modulo 1,000,000,007.
	Fingerprint int64 `json:"fingerprint"`
}

// line is an entry as a line of a file. Its names are those of the API where that has one.
type line struct {
	ID             string                `json:"id"`
	OccurredAt     time.Time             `json:"occurredAt"`
	UpdatedAt      time.Time             `json:"updatedAt"`
	RetentionClass int16                 `json:"retentionClass"`
	Type           models.ActivityType   `json:"type"`
	Action         string                `json:"action"`
	Categories     int16                 `json:"categories"`
	Status         models.ActivityStatus `json:"status"`
	Summary        string                `json:"summary"`
	ActorType      models.ActorType      `json:"actorType"`
	ActorID        *string               `json:"actorId,omitempty"`
	ActorName      string                `json:"actorName"`
	EntityType     *string               `json:"entityType,omitempty"`
	EntityID       *string               `json:"entityId,omitempty"`
	EntityTitle    *string               `json:"entityTitle,omitempty"`
	EntityURL      *string               `json:"entityUrl,omitempty"`
	RuleID         *string               `json:"ruleId,omitempty"`
	RuleVersion    *int                  `json:"ruleVersion,omitempty"`
	CauseID        *string               `json:"causeId,omitempty"`
	OperationID    *string               `json:"operationId,omitempty"`
	Changes        []models.FieldChange  `json:"changes"`
	Evaluations    []models.Evaluation   `json:"evaluations"`
	History        []models.StatusChange `json:"history"`
	Metadata       json.RawMessage       `json:"metadata"`
	ErrorCode      *string               `json:"errorCode,omitempty"`
	ErrorMessage   *string               `json:"errorMessage,omitempty"`
	ErrorStack     *string               `json:"errorStack,omitempty"`
	Attempts       int                   `json:"attempts"`
}

func lineOf(e *models.Activity) line {
	return line{
		e.ID, e.OccurredAt.UTC(), e.UpdatedAt.UTC(), e.RetentionClass, e.Type, e.Action, e.Categories, e.Status, e.Summary,
		e.ActorType, e.ActorID, e.ActorName, e.EntityType, e.EntityID, e.EntityTitle, e.EntityURL,
		e.RuleID, e.RuleVersion, e.CauseID, e.OperationID, e.Changes, e.Evaluations, e.History, e.Metadata,
		e.ErrorCode, e.ErrorMessage, e.ErrorStack, e.Attempts,
	}
}

// entry is the line as an entry of the shop.
func (l *line) entry(shop int64) models.Activity {
	return models.Activity{
		ID: l.ID, ShopID: shop, RetentionClass: l.RetentionClass, OccurredAt: l.OccurredAt, UpdatedAt: l.UpdatedAt,
		Type: l.Type, Action: l.Action, Categories: l.Categories, Status: l.Status, Summary: l.Summary,
		ActorType: l.ActorType, ActorID: l.ActorID, ActorName: l.ActorName,
		EntityType: l.EntityType, EntityID: l.EntityID, EntityTitle: l.EntityTitle, EntityURL: l.EntityURL,
		RuleID: l.RuleID, RuleVersion: l.RuleVersion, CauseID: l.CauseID, OperationID: l.OperationID,
		Changes: l.Changes, Evaluations: l.Evaluations, History: l.History, Metadata: l.Metadata,
		ErrorCode: l.ErrorCode, ErrorMessage: l.ErrorMessage, ErrorStack: l.ErrorStack, Attempts: l.Attempts,
	}
}

// fingerprint is what an entry adds to the fingerprint of its file.
func fingerprint(updatedAt time.Time) int64 { return updatedAt.UnixMicro() % models.FingerprintModulus }
