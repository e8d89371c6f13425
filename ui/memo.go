package ui

// memo keeps the rows that a pane drew until what they show changes.
type memo struct {
	key  memoKey
	rows []row
}

// memoKey is everything that the rows depend on.
type memoKey struct {
	stamp, width int
	clock        int64 // for rows that tell the time; otherwise 0
	open         bool  // a secret is shown
	found        int   // how much was found about what arrived
}

// depends is what rows of that width depend on now.
func depends(m *Model, w int, clock int64, open bool) memoKey {
	return memoKey{m.stamp, w, clock, open, m.inbound.stamp}
}

// keep returns the kept rows, or makes them anew.
func (c *memo) keep(k memoKey, make func() []row) []row {
	if c.rows == nil || c.key != k {
		c.key, c.rows = k, make()
	}
	return c.rows
}
