package credentials

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"countersign/sign/untrusted"

	"github.com/zalando/go-keyring"
)

// trouble is a failure of the keyring in one sentence; kind is one of the errors of keyring.go.
type trouble struct {
	kind error
	text string
}

func (t trouble) Error() string { return t.text }
func (t trouble) Unwrap() error { return t.kind }

// surroundings is what decides whether there is a keyring to ask, and how much it holds.
type surroundings struct {
	goos   string
	uid    int
	getenv func(string) (string, bool)
	exists func(path string) bool
}

// absent says why there is no keyring to ask, or nothing. Asking without a session bus must not happen:
// the D-Bus library would run dbus-launch, which leaves a bus and a keyring daemon behind.
// It looks for the bus where that library does, in /run/user.
func (s surroundings) absent() string {
	switch s.goos {
	case "windows", "darwin":
		return ""
	}
	if address, _ := s.getenv("DBUS_SESSION_BUS_ADDRESS"); address != "" && address != "autolaunch:" {
		return ""
	}
	const here = "no OS keyring here: "
	usual := "/run/user/" + strconv.Itoa(s.uid) + "/bus"
	if s.exists(usual) {
		return ""
	}
	if dir, _ := s.getenv("XDG_RUNTIME_DIR"); dir != "" {
		if bus := filepath.Join(dir, "bus"); s.exists(bus) {
			return fmt.Sprintf(here+"DBUS_SESSION_BUS_ADDRESS is not set; the session bus seems to be at %q, so set it to unix:path= and that path", bus)
		}
	}
	return here + "there is no session bus (DBUS_SESSION_BUS_ADDRESS is not set), as over SSH or in a container"
}

// limit is how many bytes a value of item may have, 0 without a limit worth telling.
func (s surroundings) limit(item string) int {
	switch s.goos {
	case "windows":
		return 2560 // CRED_MAX_CREDENTIAL_BLOB_SIZE
	case "darwin":
		// The value goes to /usr/bin/security as one line of at most 4096 bytes, in base64 with a prefix.
		line := len("add-generic-password -U -s ''  -a '' -w 'go-keyring-base64:'\n") + len(Service) + len(item)
		return (4096 - line) / 4 * 3
	}
	return 0
}

func tooLarge(n, limit int) error {
	return trouble{ErrTooLarge, fmt.Sprintf(
		"too long for this keyring (%d of %d bytes); keep it in a file and refer to that, file:PATH", n, limit)}
}

// hanging is the failure of a call that passed the limit.
func (k *OSKeyring) hanging() error {
	return trouble{ErrHanging, fmt.Sprintf(
		"the keyring is locked or not answering (no answer in %v); if a window asks for its password, answer there and try again", k.limit)}
}

// translate says in a sentence what a backend means. The Secret Service reports all but a missing item
// as text of the D-Bus library or the daemon.
func translate(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, keyring.ErrNotFound) {
		return ErrNotFound
	}
	if errors.Is(err, keyring.ErrSetDataTooBig) {
		return trouble{ErrTooLarge, "too long for this keyring; keep it in a file and refer to that, file:PATH"}
	}
	text := err.Error()
	for _, t := range tellings {
		if strings.Contains(text, t.part) {
			return trouble{t.kind, t.sentence}
		}
	}
	return trouble{ErrUnavailable, "the OS keyring failed: " + untrusted.From(text).String()}
}

// tellings maps a part of a text from below to a failure; the first that fits counts.
var tellings = []struct {
	part     string
	kind     error
	sentence string
}{
	{"org.freedesktop.secrets", ErrUnavailable,
		"no OS keyring here: no program provides the Secret Service on the session bus (gnome-keyring, KWallet and KeePassXC do)"},
	{"ServiceUnknown", ErrUnavailable,
		"no OS keyring here: no program provides the Secret Service on the session bus (gnome-keyring, KWallet and KeePassXC do)"},
	{"failed to unlock", ErrLocked,
		"the keyring is locked, or has no default collection, and cannot ask for its password here; unlock it on the desktop or log in anew"},
	{"IsLocked", ErrLocked, "the keyring is locked; unlock it and try again"},
	{"dbus-launch", ErrUnavailable, "no OS keyring here: there is no session bus"},
	{"connect:", ErrUnavailable,
		"no OS keyring here: nobody answers at the session bus that DBUS_SESSION_BUS_ADDRESS names"},
	{"dial unix", ErrUnavailable,
		"no OS keyring here: nobody answers at the session bus that DBUS_SESSION_BUS_ADDRESS names"},
	{"connection closed", ErrUnavailable, "the session bus closed the connection while the keyring was asked"},
	{"unsupported platform", ErrUnavailable, "no OS keyring here: this system has none that the program knows"},
}
