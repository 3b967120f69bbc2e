package app

import (
	"testing"

	"github.com/tagtrail/tagtrail/chain"
	"github.com/tagtrail/tagtrail/models"
)

// seal puts all that waits into the chain.
func (j *journey) seal() {
	j.Helper()
	eager := *j.app.Chain
	eager.Eager = true
	j.must(eager.Seal(j.Context()))
}

// tampered returns what verifying finds.
func (j *journey) tampered(shop *models.Shop) ([]chain.Finding, *chain.Report) {
	j.Helper()
	var found []chain.Finding
	report, err := j.app.Chain.Verify(j.Context(), shop, chain.Options{}, func(f chain.Finding) { found = append(found, f) })
	j.must(err)
	return found, report
}

func TestTheLogIsVerifiableWhileTheServerRuns(t *testing.T) {
	t.Parallel()
	j := setup(t, options{})
	j.restart(options{})
	for _, shop := range []*models.Shop{j.a, j.b} {
		j.waitFor("the start is in the log", func() bool { return len(j.entries(shop, "action = 'SERVER_STARTED'")) > 0 })
	}
	if found, report := j.tampered(j.a); len(found) > 0 || report.Entries == 0 || report.NotCovered > 0 {
		t.Fatalf("%+v, found %+v", report, found)
	}
	j.seal()
	j.must(j.app.Chain.Checkpoints(j.Context()))
	e := j.entries(j.a, "action = 'SERVER_STARTED'")[0]
	j.must(j.app.DB.Exec("UPDATE activities SET summary = 'nothing' WHERE id = ?", e.ID).Error)
	if found, _ := j.tampered(j.a); len(found) != 1 || found[0].What != chain.Changed || found[0].ID != e.ID {
		t.Errorf("found %+v", found)
	}
	if found, report := j.tampered(j.b); len(found) > 0 || report.Blocks == 0 {
		t.Errorf("the other shop's: %+v, found %+v", report, found)
	}
}
