package activity

import "github.com/tagtrail/tagtrail/models"

// The actions that Tagtrail itself records. A recorder outside may choose others.
const (
	SmartTagApplied  = "SMART_TAG_APPLIED"
	TagCleanup       = "TAG_CLEANUP"
	BulkTagUpdate    = "BULK_TAG_UPDATE"
	BulkOperation    = "BULK_OPERATION"
	MetafieldUpdated = "METAFIELD_UPDATED"
	MetafieldCreated = "METAFIELD_CREATED"
	COGSUpdated      = "COGS_UPDATED"
	DataCleanup      = "DATA_CLEANUP"
	WebhookReceived  = "WEBHOOK_RECEIVED"
	JobQueued        = "JOB_QUEUED"
	JobCompleted     = "JOB_COMPLETED"
	Retry            = "RETRY"

	RuleCreated  = "RULE_CREATED"
	RuleUpdated  = "RULE_UPDATED"
	RuleEnabled  = "RULE_ENABLED"
	RuleDisabled = "RULE_DISABLED"
	RuleDeleted  = "RULE_DELETED"
	RulePaused   = "RULE_PAUSED"

	AppInstalled   = "APP_INSTALLED"
	AppUninstalled = "APP_UNINSTALLED"
	StaffFirstSeen = "STAFF_FIRST_SEEN"

	APIKeyCreated           = "API_KEY_CREATED" //nolint:gosec // the name of an action
	APIKeyRevoked           = "API_KEY_REVOKED" //nolint:gosec // likewise
	IntegrationConnected    = "INTEGRATION_CONNECTED"
	IntegrationDisconnected = "INTEGRATION_DISCONNECTED"
	SettingsChanged         = "SETTINGS_CHANGED"

	Exported         = "EXPORT"
	ExportDownloaded = "EXPORT_DOWNLOADED"
	MailGivenUp      = "MAIL_GIVEN_UP"
	// StreamDelivered is never sent to a stream: the triggers of migration 0012 name it.
	StreamDelivered = "STREAM_DELIVERED"
	StreamEnabled   = "STREAM_ENABLED"
	StreamDisabled  = "STREAM_DISABLED"
	StreamReplayed  = "STREAM_REPLAYED"

	ServerStarted    = "SERVER_STARTED"
	ServerStopped    = "SERVER_STOPPED"
	DatabaseMigrated = "DATABASE_MIGRATED"
	CacheCleared     = "CACHE_CLEARED"
	CleanUp          = "CLEAN_UP"
)

// ownActions is what Tagtrail alone may say: of its rules, its keys and itself. Nobody can put it into its mouth.
var ownActions = map[string]bool{
	SmartTagApplied: true,
	RuleCreated:     true, RuleUpdated: true, RuleEnabled: true, RuleDisabled: true, RuleDeleted: true, RulePaused: true,
	AppInstalled: true, AppUninstalled: true, StaffFirstSeen: true,
	APIKeyCreated: true, APIKeyRevoked: true,
	Exported: true, ExportDownloaded: true, MailGivenUp: true,
	StreamDelivered: true, StreamEnabled: true, StreamDisabled: true, StreamReplayed: true,
	ServerStarted: true, ServerStopped: true, DatabaseMigrated: true,
}

// tabs is the table of SPEC section 1: the tabs of each action.
var tabs = map[string][]models.ActivityCategory{
	SmartTagApplied:  {models.CategoryTags},
	TagCleanup:       {models.CategoryTags, models.CategoryDataCleaning},
	BulkTagUpdate:    {models.CategoryTags, models.CategoryBulkOperations},
	BulkOperation:    {models.CategoryBulkOperations},
	MetafieldUpdated: {models.CategoryMetafields},
	MetafieldCreated: {models.CategoryMetafields},
	COGSUpdated:      {models.CategoryMetafields},
	DataCleanup:      {models.CategoryDataCleaning},
	WebhookReceived:  {models.CategorySystem},
	JobQueued:        {models.CategorySystem},
	JobCompleted:     {models.CategorySystem},
	Retry:            {models.CategorySystem},
}

// categoryBits gives each tab its bit in the column.
var categoryBits = []models.ActivityCategory{
	models.CategoryTags,
	models.CategoryBulkOperations,
	models.CategoryMetafields,
	models.CategoryDataCleaning,
	models.CategorySystem,
}

// categoriesOf returns the bits of the tabs that an entry is in. Every system event and every webhook, whoever sent it,
// is in the tab System.
func categoriesOf(kind models.ActivityType, action string) int16 {
	bits := bitsOf(tabs[action])
	if kind == models.SystemEvent || kind == models.Webhook {
		bits |= bitsOf([]models.ActivityCategory{models.CategorySystem})
	}
	return bits
}

func bitsOf(categories []models.ActivityCategory) int16 {
	var bits int16
	for i, category := range categoryBits {
		for _, c := range categories {
			if c == category {
				bits |= 1 << i
			}
		}
	}
	return bits
}
