package notify

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"github.com/tagtrail/tagtrail/activity"
	"github.com/tagtrail/tagtrail/live"
	"github.com/tagtrail/tagtrail/mail"
	"github.com/tagtrail/tagtrail/models"
	"github.com/tagtrail/tagtrail/models/modelstest"
	"github.com/tagtrail/tagtrail/queue"
)

// post is a mail server, and a room that sends to it, without workers: a test does their work.
type post struct {
	testing.TB
	*Service
	shops atomic.Int64

	mu   sync.Mutex
	got  []string
	down bool
}

func setup(tb testing.TB) *post {
	tb.Helper()
	log := slog.New(slog.DiscardHandler)
	rdb := redis.NewClient(&redis.Options{Addr: miniredis.RunT(tb).Addr()})
	hub, tasks := live.New(rdb, uuid.NewString(), log), queue.New(rdb, uuid.NewString(), log)
	db := modelstest.Open(tb)
	p := &post{TB: tb}
	server, err := mail.ParseServer("smtp://" + p.listen() + "?tls=none")
	p.must(err)
	p.Service = &Service{
		DB: db, Activity: &activity.Service{DB: db, Live: hub, Key: activity.NewKey([32]byte{})}, Queue: tasks, Log: log, AdminURL: "https://admin.example/{handle}", App: "tagtrail",
		Mail: &mail.Sender{Server: server, From: "Tagtrail <t@example.com>", Log: log},
	}
	tb.Cleanup(func() {
		tasks.Close()
		hub.Close()
		_ = rdb.Close()
	})
	return p
}

// listen speaks SMTP on an address of its own.
func (p *post) listen() string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	p.must(err)
	p.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go p.serve(conn)
		}
	}()
	return listener.Addr().String()
}

func (p *post) serve(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	say := func(text string) { fmt.Fprint(conn, text+"\r\n") }
	say("220 test")
	data := false
	var text strings.Builder
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		switch {
		case data && line == ".\r\n":
			data = false
			p.mu.Lock()
			p.got = append(p.got, text.String())
			p.mu.Unlock()
			say("250 taken")
		case data:
			text.WriteString(line)
		case strings.HasPrefix(line, "MAIL") && p.isDown():
			say("451 later")
		case strings.HasPrefix(line, "DATA"):
			data = true
			text.Reset()
			say("354 go on")
		case strings.HasPrefix(line, "QUIT"):
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

func (p *post) isDown() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.down
}

func (p *post) received() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string{}, p.got...)
}

func (p *post) must(err error) {
	p.Helper()
	if err != nil {
		p.Fatal(err)
	}
}

func (p *post) shop() *models.Shop {
	p.Helper()
	shop := modelstest.Shop(p.TB, p.DB, fmt.Sprintf("shop-%d.myshopify.com", p.shops.Add(1)), models.PlanFree)
	since := models.Now().AddDate(-1, 0, 0)
	shop.NotifyEmails, shop.NotifyFailures, shop.NotifyDigest, shop.DigestSince = []string{"a@example.com", "b@example.com"}, true, true, &since
	p.must(p.DB.Save(shop).Error)
	return shop
}

func (p *post) fail(shop *models.Shop, codes ...string) {
	p.Helper()
	for _, code := range codes {
		p.must(p.Activity.Record(p.Context(), shop, &models.Activity{
			Type: models.BackgroundJob, Action: activity.SmartTagApplied, Status: models.Failed, Summary: "Tag not put on #1042: " + code,
			ActorType: models.ActorSystem, ActorName: "Tagtrail", ErrorCode: &code,
		}))
	}
}

func (p *post) mails(shop *models.Shop) []models.Mail {
	p.Helper()
	var rows []models.Mail
	p.must(p.DB.Where("shop_id = ?", shop.ID).Order("created_at, id").Find(&rows).Error)
	return rows
}

func TestFailuresAreToldOnceAnHourForEachCause(t *testing.T) {
	t.Parallel()
	p := setup(t)
	shop := p.shop()
	tell := func(want int, what ...string) {
		t.Helper()
		var done sync.WaitGroup
		for range 2 { // two workers at once
			done.Go(func() { p.must(p.Failures(context.Background())) })
		}
		done.Wait()
		rows := p.mails(shop)
		if len(rows) != want {
			t.Fatalf("%d mails, want %d", len(rows), want)
		}
		for _, text := range what {
			if !strings.Contains(rows[want-1].Plain, text) {
				t.Errorf("the mail lacks %q:\n%s", text, rows[want-1].Plain)
			}
		}
	}
	tell(0)
	p.fail(shop, "RATE_LIMIT", "RATE_LIMIT", "SOMETHING")
	tell(1, "3 failures since", "SOMETHING", "/activity/", "https://admin.example/shop-1/apps/tagtrail/failures")
	p.fail(shop, "RATE_LIMIT")
	tell(1)
	p.fail(shop, "ANOTHER")
	tell(2, "1 failure since", "ANOTHER")
	p.must(p.DB.Model(&models.FailureNotice{}).Where("code = 'RATE_LIMIT'").Update("mailed_at", models.Now().Add(-noticeEvery)).Error)
	tell(3, "1 failure since")
	tell(3)
}

func TestWhoDidNotAskIsNotTold(t *testing.T) {
	t.Parallel()
	p := setup(t)
	shop := p.shop()
	shop.NotifyFailures, shop.NotifyDigest = false, false
	p.must(p.DB.Save(shop).Error)
	p.fail(shop, "RATE_LIMIT")
	p.must(p.Failures(t.Context()))
	p.must(p.Digests(t.Context()))
	if rows := p.mails(shop); len(rows) != 0 {
		t.Errorf("%d mails", len(rows))
	}
}

func TestADigestIsWrittenOnceAWeek(t *testing.T) {
	t.Parallel()
	p := setup(t)
	shop := p.shop()
	at := time.Date(2026, 11, 23, 12, 59, 0, 0, time.UTC) // Monday, a minute before eight in Toronto
	code := "SOMETHING"                                   // nothing has words for it
	when := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	p.must(p.Activity.Record(t.Context(), shop, &models.Activity{
		OccurredAt: when, Type: models.BackgroundJob, Action: activity.SmartTagApplied, Status: models.Failed, Summary: "Tag not put on",
		ActorType: models.ActorSystem, ActorName: "Tagtrail", ErrorCode: &code,
	}))
	for i, want := range []struct {
		after time.Duration
		mails int
	}{{0, 1}, {time.Minute, 2}, {24 * time.Hour, 2}, {7*24*time.Hour + time.Minute, 3}} {
		for range 2 {
			p.must(p.digests(t.Context(), at.Add(want.after)))
		}
		if rows := p.mails(shop); len(rows) != want.mails {
			t.Fatalf("step %d: %d mails, want %d", i, len(rows), want.mails)
		}
	}
	rows := p.mails(shop)
	if got := rows[1].Plain; !strings.Contains(got, "16 November to 22 November") || !strings.Contains(got, "Failed: 1") || !strings.Contains(got, "What went wrong") || !strings.Contains(got, "1  SOMETHING") {
		t.Errorf("the digest says\n%s", got)
	}
	if got := rows[0].Plain; !strings.Contains(got, "Nothing happened") {
		t.Errorf("the digest of an empty week says\n%s", got)
	}
}

func (p *post) write(shop *models.Shop, name string, once bool) models.Mail {
	p.Helper()
	_, err := p.Post(p.DB, shop, name, []string{"a@example.com"}, once, "Subject", &mail.Letter{Heading: "Heading", Why: "Why"})
	p.must(err)
	rows := p.mails(shop)
	return rows[len(rows)-1]
}

func (p *post) state(id string) models.MailStatus {
	p.Helper()
	var row models.Mail
	p.must(p.DB.Where("id = ?", id).Take(&row).Error)
	return row.Status
}

func (p *post) later() {
	p.Helper()
	p.must(p.DB.Model(&models.Mail{}).Where("ended_at IS NULL").Update("due_at", models.Now().Add(-time.Second)).Error)
}

func TestAMailIsSentOnceByTwoWorkers(t *testing.T) {
	t.Parallel()
	p := setup(t)
	row := p.write(p.shop(), "a", true)
	var done sync.WaitGroup
	for range 4 {
		done.Go(func() { p.must(p.Send(context.Background(), row.ID)) })
	}
	done.Wait()
	p.must(p.Send(t.Context(), row.ID))
	if got := p.received(); len(got) != 1 || !strings.Contains(got[0], "Message-ID: <"+row.ID+"@example.com>") || p.state(row.ID) != models.MailSent {
		t.Errorf("it was sent %d times, and is %s:\n%q", len(got), p.state(row.ID), got)
	}
}

func TestAMailOfAWorkerThatWasLostIsSentAgainOnlyWhereItMay(t *testing.T) {
	t.Parallel()
	p := setup(t)
	shop := p.shop()
	for _, once := range []bool{false, true} {
		row := p.write(shop, fmt.Sprint(once), once)
		claimed, err := p.claim(t.Context(), row.ID) // and then it is killed
		if err != nil || claimed == nil {
			t.Fatal(err)
		}
		p.must(p.Send(t.Context(), row.ID)) // its lease has not ended
		p.later()
		before := len(p.received())
		p.must(p.Send(t.Context(), row.ID))
		sent := len(p.received()) - before
		if once && (sent != 0 || p.state(row.ID) != models.MailGivenUp) || !once && (sent != 1 || p.state(row.ID) != models.MailSent) {
			t.Errorf("once %v: sent %d times more, %s", once, sent, p.state(row.ID))
		}
	}
	var told int64
	p.must(p.DB.Model(&models.Activity{}).Where("shop_id = ? AND action = ?", shop.ID, activity.MailGivenUp).Count(&told).Error)
	if told != 1 {
		t.Errorf("%d entries tell of what was given up", told)
	}
}

func TestAMailWaitsForAServerThatIsBusyAndIsGivenUpAtLast(t *testing.T) {
	t.Parallel()
	p := setup(t)
	shop := p.shop()
	row := p.write(shop, "a", true)
	p.down = true
	p.must(p.Send(t.Context(), row.ID))
	if p.state(row.ID) != models.MailPending {
		t.Fatalf("it is %s", p.state(row.ID))
	}
	p.mu.Lock()
	p.down = false
	p.mu.Unlock()
	p.later()
	p.must(p.Send(t.Context(), row.ID))
	if p.state(row.ID) != models.MailSent || len(p.received()) != 1 {
		t.Errorf("it is %s, sent %d times", p.state(row.ID), len(p.received()))
	}
	p.mu.Lock()
	p.down = true
	p.mu.Unlock()
	row = p.write(shop, "b", true)
	for range len(waits) + 1 {
		p.later()
		p.must(p.Send(t.Context(), row.ID))
	}
	if p.state(row.ID) != models.MailGivenUp {
		t.Errorf("it is %s", p.state(row.ID))
	}
}
