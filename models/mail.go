package models

import "time"

// MailStatus is how far a mail has come.
type MailStatus string

// The statuses of mail.
const (
	MailPending MailStatus = "PENDING"
	// MailSending was handed to the mail server, whose answer is not kept yet.
	MailSending MailStatus = "SENDING"
	MailSent    MailStatus = "SENT"
	MailGivenUp MailStatus = "GIVEN_UP"
)

// Mail is a mail to be sent, and for a while what became of it.
type Mail struct {
	ID     string `gorm:"primaryKey"`
	ShopID int64
	// Name tells it from the shop's others: what has a name is written once.
	Name       string
	Recipients []string `gorm:"serializer:json"`
	Subject    string
	// Plain and HTML are two versions of the same.
	Plain string
	HTML  string `gorm:"column:html"`
	// Once says that it is rather lost than sent twice.
	Once     bool
	Status   MailStatus
	Attempts int
	// DueAt is when it may be tried; while somebody sends it, when they count as lost.
	DueAt     time.Time
	CreatedAt time.Time
	EndedAt   *time.Time
}

// FailureMark is a failure that nobody was told of yet.
type FailureMark struct {
	ID         int64 `gorm:"primaryKey"`
	ShopID     int64
	ActivityID string
	// Code is the cause.
	Code    string
	Summary string
	At      time.Time
}

// FailureNotice is what a shop is told of a cause of failures, and when it last was.
type FailureNotice struct {
	ShopID int64  `gorm:"primaryKey;autoIncrement:false"`
	Code   string `gorm:"primaryKey"`
	// Pending are the failures since the last mail, ActivityID is the newest of them, and Since when the first was.
	Pending    int
	ActivityID string
	Summary    string
	Since      time.Time
	MailedAt   *time.Time
}
