package history

import "time"

// Retention bounds what is kept. Zero means no bound.
type Retention struct {
	Age  time.Duration // entries that are older are removed
	Size int64         // bytes of records and bodies; the oldest are removed first
}
