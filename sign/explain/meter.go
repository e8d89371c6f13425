package explain

import (
	"context"
	"time"
)

// lookEvery is how many candidates pass between two looks at the clock and the context.
const lookEvery = 512

// meter counts candidates and ends a search.
type meter struct {
	ctx    context.Context
	budget Budget
	start  time.Time
	tried  int
	about  int  // how many candidates the present round has, for progress
	spent  bool // the budget is gone or the context has ended
}

func newMeter(ctx context.Context, b Budget) *meter {
	if b.Time <= 0 {
		b.Time = DefaultTime
	}
	if b.Candidates <= 0 {
		b.Candidates = DefaultCandidates
	}
	m := &meter{ctx: ctx, budget: b}
	if b.Now != nil {
		m.start = b.Now()
	}
	m.spent = ctx.Err() != nil
	return m
}

// count notes n more candidates and reports whether the search may go on.
func (m *meter) count(n int) bool {
	before := m.tried
	m.tried += n
	if m.tried >= m.budget.Candidates {
		m.spent = true
	}
	if before/lookEvery != m.tried/lookEvery {
		m.look()
	}
	return !m.spent
}

// look asks the clock and the context.
func (m *meter) look() bool {
	if m.ctx.Err() != nil || m.budget.Now != nil && m.budget.Now().Sub(m.start) > m.budget.Time {
		m.spent = true
	}
	if m.budget.Progress != nil {
		m.budget.Progress(m.tried, max(m.about, m.tried))
	}
	return !m.spent
}
