package history

import (
	"maps"

	"countersign/flows"
)

// Bounds of what is kept in memory to be sent once more as it is.
const (
	maxLive      = 64
	maxLiveBytes = 1 << 20 // of one request
)

// remember keeps an exchange with its secrets in memory: to send it again byte for byte, and to look for its secrets
// in every file that is written. Nothing of it reaches the disk.
func (l *Log) remember(x flows.Exchange) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for name, s := range x.Secrets {
		if s.Fingerprint() != "" {
			l.secrets[name+" "+s.Fingerprint()] = s
		}
	}
	if x.Purpose != flows.PurposeRequest || x.Signed.Request.Body.Len() > maxLiveBytes {
		return
	}
	if _, known := l.live[x.ID]; !known {
		l.liveIDs = append(l.liveIDs, x.ID)
	}
	x.Response, x.Secrets = nil, maps.Clone(x.Secrets)
	l.live[x.ID] = x
	for len(l.liveIDs) > maxLive {
		delete(l.live, l.liveIDs[0])
		l.liveIDs = l.liveIDs[1:]
	}
}
