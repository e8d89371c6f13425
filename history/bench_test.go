package history_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"countersign/flows"
	"countersign/history"
	"countersign/sign"
	"countersign/sign/untrusted"
)

// sizes are the histories that are measured. A million entries take minutes to make and gigabytes to keep:
// COUNTERSIGN_BENCH=1000000 asks for them.
func sizes() []int {
	if n, err := strconv.Atoi(os.Getenv("COUNTERSIGN_BENCH")); err == nil {
		return []int{n}
	}
	return []int{10_000, 100_000}
}

var partners = []string{"sabika", "jiko", "jpay", "kuna", "jupico"}

// typical is the i-th of many exchanges: every tenth is refused, one in a thousand for a rare reason.
func typical(i int) flows.Exchange {
	x := made(func(x *flows.Exchange) {
		x.Provider = partners[i%len(partners)]
		x.IdempotencyKey = fmt.Sprintf("0b51a1f4-%04x-4c1e-9c8d-%012x", i%65536, i)
		x.Started = x.Started.Add(time.Duration(i) * time.Second)
		x.Signed.Request.Path = fmt.Sprintf("/v1/orders/ord_%08x", i*2654435761)
		x.Signed.Request = x.Signed.Request.With(sign.ByProvider, "Content-Type", sign.Plain(sign.Origin{Kind: sign.HeaderValue, Name: "Content-Type"}, []byte("application/json")))
		var canonical sign.Builder
		canonical.Take(sign.Origin{Kind: sign.Method}, []byte("POST"))
		canonical.Separator("\n", "LF")
		canonical.Take(sign.Origin{Kind: sign.Path}, []byte(x.Signed.Request.Path))
		x.Signed.Stages = []sign.Stage{{Name: sign.StageCanonical, Text: canonical.Text()}}
	})
	status, code, body := 200, "", fmt.Sprintf(`{"order_id":"ord_%08x","status":"executed","grams":"%d.00","reference":"invoice %d settled for customer %d"}`, i*2654435761, i%100, i, i%977)
	switch {
	case i%1000 == 7:
		status, code, body = 409, "quote_expired", `{"error":"quote_expired","message":"the quote lived for sixty seconds"}`
	case i%10 == 3:
		status, code, body = 401, "invalid_signature", `{"error":"invalid_signature","message":"the signature does not verify"}`
	}
	x = answered(x, "", status, body)
	if code != "" {
		x.Response.Error = &flows.PartnerError{Code: untrusted.From(code), Message: untrusted.From("refused")}
	}
	return x
}

// filledTo makes a history of n entries.
func filledTo(b *testing.B, n int) *history.Log {
	b.Helper()
	dir := b.TempDir()
	l := open(b, dir)
	began := time.Now()
	if err := l.Fill(b.Context(), n, typical); err != nil {
		b.Fatal(err)
	}
	var size int64
	names, _ := filepath.Glob(filepath.Join(dir, "history.db*"))
	for _, name := range names {
		if info, err := os.Stat(name); err == nil {
			size += info.Size()
		}
	}
	b.Logf("%d entries in %s, %d MB", n, time.Since(began).Round(time.Millisecond), size>>20)
	return l
}

// BenchmarkSend measures what a send waits for: the durable intent and the durable answer, two transactions that reach the
// disk, in a history that grows from nothing by one at a time. BenchmarkFind measures it in large ones too.
func BenchmarkSend(b *testing.B) {
	l := open(b, b.TempDir())
	for i := range b.N {
		intendAndComplete(b, l, typical(i))
	}
}

func intendAndComplete(b *testing.B, l *history.Log, x flows.Exchange) {
	id, err := l.Intend(b.Context(), x)
	if err != nil {
		b.Fatal(err)
	}
	if x.ID = id; l.Complete(b.Context(), x) != nil {
		b.Fatal("not completed")
	}
}

func BenchmarkFind(b *testing.B) {
	for _, n := range sizes() {
		l := filledTo(b, n)
		name := strconv.Itoa(n)
		b.Run("open and first page/"+name, func(b *testing.B) {
			dir := filepath.Dir(must(l.Status(b.Context())).Path)
			for range b.N {
				again, _ := history.Open(b.Context(), history.Options{Dir: dir})
				if _, err := again.Find(b.Context(), history.Query{}); err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				again.Close()
				b.StartTimer()
			}
		})
		for _, q := range []string{
			"", "status:401", "partner:sabika status:401", "partner:sabika code:quote_expired", "key:0b51a1f4-0064-4c1e-9c8d-000000000064",
			"path:/v1/orders/ord_", "since:2026-11-22T14:30:00Z until:2026-11-22T14:31:00Z", "since:2020-01-01 until:2040-01-01", "since:2020-01-01", "until:2040-01-01", "status:4xx", "replay:7", "invalid_signature", "settled 4711", "i", "in", "inv", "settl", "partner:kuna customer 977x",
		} {
			b.Run("find "+q+"/"+name, func(b *testing.B) {
				query, err := history.ParseQuery(q, time.Now())
				if err != nil {
					b.Fatal(err)
				}
				for range b.N {
					if _, err := l.Find(b.Context(), query); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		benchmarkStart(b, filepath.Dir(must(l.Status(b.Context())).Path), name)
	}
}

// What a start does behind the first frame, and a send, in a history of some size.
func benchmarkStart(b *testing.B, dir, name string) {
	b.Run("upkeep/"+name, func(b *testing.B) {
		l := must(history.Open(b.Context(), history.Options{Dir: dir, Keep: history.Retention{Age: 365 * 24 * time.Hour, Size: 1 << 40}}))
		defer l.Close()
		for b.Loop() {
			if _, err := l.Upkeep(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("send/"+name, func(b *testing.B) {
		l := open(b, dir)
		for i := 0; b.Loop(); i++ {
			intendAndComplete(b, l, typical(1<<30+i))
		}
	})
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
