package credentials

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"unicode"
	"unicode/utf8"

	"countersign/sign"
	"countersign/sign/untrusted"
)

// resolver answers one query.
type resolver struct {
	store   *Store
	q       Query
	profile Profile
	known   bool  // the configuration has the profile
	used    bool  // a value came from the profile, whoever keeps it
	keyring error // why the keyring is not asked any more
}

// finding is what one source says about a field.
type finding struct {
	value  string
	path   bool // value is the path of the file to read
	source Source
	err    error // the source names a value and cannot deliver it
	hint   string
}

// lookup asks one source; it reports false when the source has nothing to say.
type lookup func(context.Context, Field) (finding, bool)

// order is the sources of the query, the first one first.
func (r *resolver) order() []lookup {
	if r.q.sealed() {
		return []lookup{r.typed, r.option, r.sandbox, byDefault}
	}
	return []lookup{r.typed, r.option, r.variable, r.reference, r.kept, r.plainVariable, r.memory, byDefault}
}

// resolve finds the value of one field and tells what is wrong with it.
func (r *resolver) resolve(ctx context.Context, f Field) (Value, []Problem) {
	for _, look := range r.order() {
		found, ok := look(ctx, f)
		if !ok {
			continue
		}
		var told []Problem
		if found.err == nil && found.path && found.value != "" {
			told = r.store.exposed(f, found.value)
			found = r.read(found)
		}
		if found.err != nil {
			err := fmt.Errorf("%s: %w", found.source, found.err)
			return Value{Source: found.source, Err: err},
				[]Problem{{Field: f.Name, Message: f.label() + ": " + err.Error(), Hint: found.hint}}
		}
		v := Value{Secret: sign.NewSecret(found.value), Source: found.source}
		if found.value == "" {
			return v, r.empty(f, found.source)
		}
		told = append(told, oddities(f, found)...)
		if f.Check != nil {
			if v.Err = f.Check(found.value); v.Err != nil {
				told = append(told, Problem{Field: f.Name, Message: v.Err.Error(), Hint: "it comes from: " + found.source.String()})
			}
		}
		return v, told
	}
	return Value{Source: Source{Kind: Missing}}, r.missing(f)
}

func (r *resolver) typed(_ context.Context, f Field) (finding, bool) {
	v := r.q.Typed[f.Name].Reveal()
	return finding{value: v, path: f.File, source: Source{Kind: FromForm}}, v != ""
}

func (r *resolver) option(_ context.Context, f Field) (finding, bool) {
	v, ok := r.q.Options[f.Name]
	return finding{value: v, path: f.File, source: Source{Kind: FromOption, Detail: f.Name}}, ok
}

func (r *resolver) sandbox(_ context.Context, f Field) (finding, bool) {
	source := Source{Kind: FromSandbox, Detail: f.Name}
	if data, ok := r.q.GivenPEM[f.Name]; ok {
		return finding{value: string(data), source: source}, true
	}
	v, ok := r.q.Given[f.Name]
	return finding{value: v, path: f.File, source: source}, ok
}

// variable asks the environment; a variable that is empty counts as not set.
func (r *resolver) variable(_ context.Context, f Field) (finding, bool) {
	if f.Env == "" {
		return finding{}, false
	}
	if r.q.profile() == DefaultProfile {
		return r.getenv(f, f.Env)
	}
	found, ok := r.getenv(f, profileVariable(f.Env, r.q.profile()))
	r.used = r.used || ok
	return found, ok
}

func (r *resolver) plainVariable(_ context.Context, f Field) (finding, bool) {
	if f.Env == "" || r.q.profile() == DefaultProfile {
		return finding{}, false
	}
	return r.getenv(f, f.Env)
}

func (r *resolver) getenv(f Field, name string) (finding, bool) {
	if r.store.Getenv == nil {
		return finding{}, false
	}
	v, _ := r.store.Getenv(name)
	return finding{value: v, path: f.File, source: Source{Kind: FromEnvironment, Detail: name}}, v != ""
}

// profileVariable is the environment variable of a field for one profile.
func profileVariable(name, profile string) string {
	up := func(c rune) rune {
		if c >= 'a' && c <= 'z' {
			return c - 'a' + 'A'
		}
		if c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
			return c
		}
		return '_'
	}
	return name + "_" + strings.Map(up, profile)
}

// reference asks the profile.
func (r *resolver) reference(ctx context.Context, f Field) (finding, bool) {
	text, ok := r.profile.Values[f.Name]
	if !ok {
		return finding{}, false
	}
	r.used = true
	ref, isRef, err := parseReference(text)
	source := Source{Kind: FromReference, Detail: "literal in the configuration"}
	if isRef {
		source.Detail = ref.String()
	}
	switch {
	case err != nil:
		source.Detail = "malformed reference"
		return finding{source: source, err: err}, true
	case !isRef && f.Secret:
		return finding{source: source, err: errLiteral, hint: r.howToStore(f)}, true
	case !isRef:
		if f.File {
			text = r.store.place(text)
		}
		return finding{value: text, path: f.File, source: source}, true
	}
	switch ref.scheme {
	case schemeEnv:
		found, ok := r.getenv(f, ref.name)
		found.source = source
		if !ok {
			found.err = fmt.Errorf("the environment variable %s is not set or empty", ref.name)
		}
		return found, true
	case schemeFile:
		return finding{value: r.store.place(ref.name), path: true, source: source}, true
	default:
		return r.refersToKeyring(ctx, ref, source), true
	}
}

// refersToKeyring reads the item that a profile names. Memory stands in for what could not be kept in the keyring.
func (r *resolver) refersToKeyring(ctx context.Context, ref reference, source Source) finding {
	v, err := r.ask(ctx, ref.name)
	if err == nil {
		return finding{value: v.Reveal(), source: source} // travels on as a Secret
	}
	if r.store.Memory != nil {
		if v, err := r.store.Memory.Get(ctx, ref.name); err == nil {
			return finding{value: v.Reveal(), source: Source{Kind: FromMemory}} // travels on as a Secret
		}
	}
	return finding{source: source, err: err}
}

// ask reads an item of the keyring. After one failure the keyring is not asked again,
// so that one that hangs costs its time limit once.
func (r *resolver) ask(ctx context.Context, item string) (sign.Secret, error) {
	if r.keyring != nil {
		return sign.Secret{}, r.keyring
	}
	if r.store.Keyring == nil {
		return sign.Secret{}, trouble{ErrUnavailable, "no keyring is used"}
	}
	v, err := r.store.Keyring.Get(ctx, item)
	if err != nil && !errors.Is(err, ErrNotFound) {
		r.keyring = err
	}
	return v, err
}

// kept asks the keyring for a secret.
func (r *resolver) kept(ctx context.Context, f Field) (finding, bool) {
	if !f.Secret {
		return finding{}, false
	}
	item := r.q.item(f.Name)
	v, err := r.ask(ctx, item)
	if err != nil {
		return finding{}, false
	}
	r.used = true
	return finding{value: v.Reveal(), source: Source{Kind: FromKeyring, Detail: item}}, true // travels on as a Secret
}

func (r *resolver) memory(ctx context.Context, f Field) (finding, bool) {
	if r.store.Memory == nil {
		return finding{}, false
	}
	v, err := r.store.Memory.Get(ctx, r.q.item(f.Name))
	if err != nil {
		return finding{}, false
	}
	r.used = true
	return finding{value: v.Reveal(), source: Source{Kind: FromMemory}}, true // travels on as a Secret
}

func byDefault(_ context.Context, f Field) (finding, bool) {
	return finding{value: f.Default, path: f.File, source: Source{Kind: FromDefault}}, f.Default != ""
}

// read puts the content of a file in place of its path.
func (r *resolver) read(found finding) finding {
	path := found.value
	found.value = ""
	found.source.Name, found.source.Detail = found.source.Detail, path
	if r.store.ReadFile == nil {
		found.err = errors.New("files are not read here")
		return found
	}
	data, err := r.store.ReadFile(path)
	if err != nil {
		found.err = fmt.Errorf("cannot read it: %w", bare(err))
		return found
	}
	found.value = string(data)
	return found
}

// bare is the reason in a file error, without the path that is told already.
func bare(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// oddities tells what a person would not see in a value. Files are PEM, where blanks do not matter.
func oddities(f Field, found finding) []Problem {
	if f.File {
		return nil
	}
	var what string
	v := found.value
	switch {
	case strings.HasPrefix(v, "\ufeff"):
		what = "starts with a byte order mark"
	case strings.HasSuffix(v, "\n"):
		what = "ends in a newline"
	case strings.HasSuffix(v, "\r"):
		what = "ends in a carriage return"
	case strings.TrimLeftFunc(v, unicode.IsSpace) != v:
		what = "starts with a blank"
	case strings.TrimSpace(v) != v:
		what = "ends in a blank"
	default:
		what = hidden(v)
	}
	if what == "" {
		return nil
	}
	return []Problem{{
		Field:   f.Name,
		Message: fmt.Sprintf("%s %s; it is used as it is (from: %s)", f.label(), what, found.source),
		Hint:    "if that is not meant, store the value again without it; printf %s writes no newline, echo does",
		Warning: true,
	}}
}

// hidden names the first character that cannot be seen, and where it is.
func hidden(v string) string {
	at := 0
	for _, s := range untrusted.From(v).Line().Segments() {
		if s.Made {
			r, size := utf8.DecodeRuneInString(v[at:])
			return fmt.Sprintf("holds a character that cannot be seen, %s at byte %d", untrusted.From(v[at:at+max(size, 1)]), at+1) + note(r)
		}
		at += len(s.Text)
	}
	return ""
}

// note explains the characters that come with copying.
func note(r rune) string {
	switch r {
	case 0xA0:
		return ", a no-break space as web pages have"
	case 0x200B, 0xFEFF:
		return ", as copied text may hold"
	}
	return ""
}
