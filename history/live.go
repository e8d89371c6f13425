package history

import (
	"maps"
	"slices"
	"strings"

	"countersign/flows"
	"countersign/sign"
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

// knownSecrets are the secrets seen in this process, under distinct names.
func (l *Log) knownSecrets() map[string]sign.Secret {
	l.mu.Lock()
	defer l.mu.Unlock()
	known := make(map[string]sign.Secret, len(l.secrets))
	for name, s := range l.secrets {
		field, _, _ := strings.Cut(name, " ")
		if _, twice := known[field]; twice {
			field = name
		}
		known[field] = s
	}
	return known
}

// teach tells a masker the credentials seen in this process, so that one that was pasted into the request of another
// partner is masked. Tokens of other exchanges are left out: a long session has many.
func (l *Log) teach(m *masker) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(l.secrets)) {
		field, _, _ := strings.Cut(name, " ")
		if field != sign.AccessToken && field != "refresh_token" {
			m.learn(field, l.secrets[name])
		}
	}
}

// Know adds secrets to those that are masked in notes and looked for in every file that is written: what a person has
// loaded but not sent yet. They stay in memory.
func (l *Log) Know(secrets map[string]sign.Secret) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for name, s := range secrets {
		if s.Fingerprint() != "" {
			l.secrets[name+" "+s.Fingerprint()] = s
		}
	}
}

// verbatim returns an exchange of this process with its secrets; false: it is no longer at hand, or never was.
func (l *Log) verbatim(id string) (flows.Exchange, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	x, ok := l.live[id]
	return x, ok
}
