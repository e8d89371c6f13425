package credentials

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// ConfigPath is where the configuration file belongs: countersign/config.toml in XDG_CONFIG_HOME, or in .config of the
// home directory (XDG Base Directory Specification); in AppData on Windows.
func ConfigPath(getenv func(string) (string, bool)) (string, error) {
	const name = "countersign/config.toml"
	if runtime.GOOS == "windows" {
		if dir, _ := getenv("AppData"); dir != "" {
			return filepath.Join(dir, name), nil
		}
	}
	if dir, _ := getenv("XDG_CONFIG_HOME"); filepath.IsAbs(dir) { // a relative one is to be ignored
		return filepath.Join(dir, name), nil
	}
	if home, _ := getenv("HOME"); filepath.IsAbs(home) {
		return filepath.Join(home, ".config", name), nil
	}
	return "", errors.New("neither XDG_CONFIG_HOME nor HOME names a directory, so there is no place for the configuration file")
}

// LoadConfig reads the configuration file at path; where there is none it has no profiles.
// Faults come as one or more [ConfigError], joined. A file of a newer version is read as far as it is understood,
// and never written. A file that others can read is closed to them, which the notes tell.
func LoadConfig(path string, catalog []Partner) (*Config, error) {
	c := &Config{path: path, catalog: catalog}
	data, err := c.read()
	if err != nil {
		return nil, err
	}
	r, err := c.parse(data)
	if err != nil {
		return nil, err
	}
	if r.newer > 0 {
		c.readOnly = fmt.Sprintf("it was written by a newer version of the program (version %d, this one knows %d)", r.newer, configVersion)
		c.notes = append(c.notes, fmt.Sprintf("%q is used read-only: %s; nothing was changed", path, c.readOnly))
	} else if data != nil {
		c.tighten()
	}
	c.profiles = r.profiles
	if r.newer == 0 { // nothing is deleted because of a file that may mean something else
		c.keep = r.keep
	}
	return c, nil
}

// read returns the text of the file, nil when there is none.
func (c *Config) read() ([]byte, error) {
	data, err := ReadFile(c.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, &ConfigError{Path: c.path, Message: "cannot read it: " + bare(err).Error()}
	}
	return data, nil
}

// tighten takes the file and its directory from other users.
func (c *Config) tighten() {
	if runtime.GOOS == "windows" {
		return // modes mean little there; the profile directory is private
	}
	c.close(c.path, 0o600)
	if dir := filepath.Dir(c.path); filepath.Base(dir) == "countersign" { // a directory of its own
		c.close(dir, 0o700)
	}
}

// close gives a file the mode if other users can do anything with it.
func (c *Config) close(path string, mode fs.FileMode) {
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm()&0o077 == 0 {
		return
	}
	was := info.Mode().Perm()
	if err := os.Chmod(path, mode); err != nil {
		c.notes = append(c.notes, fmt.Sprintf("%q is open to other users (mode %04o), and that cannot be changed: %v", path, was, bare(err)))
		return
	}
	c.notes = append(c.notes, fmt.Sprintf("%q was open to other users (mode %04o); it is %04o now", path, was, mode))
}

// write replaces the file: all of it or nothing. A symbolic link stays one. The lock is held, so its directory is there.
func (c *Config) write(data []byte) error {
	target := c.target()
	if err := replace(target, data, 0o600); err != nil {
		return fmt.Errorf("cannot write the configuration file %q, which stays as it was: %w", target, err)
	}
	return nil
}

// replace writes a file beside path, puts it on the disk, and gives it the name.
func replace(path string, data []byte, mode fs.FileMode) error {
	name, err := stage(path, data, mode)
	if err != nil {
		return err
	}
	if err := settle(name, path); err != nil {
		os.Remove(name)
		return err
	}
	return nil
}

// stage writes a file beside path and puts it on the disk. It returns its name.
func stage(path string, data []byte, mode fs.FileMode) (name string, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".countersign-*") // mode 0600
	if err != nil {
		return "", bare(err)
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Chmod(mode)
	}
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		os.Remove(f.Name())
		return "", bare(err)
	}
	return f.Name(), nil
}

// settle gives a staged file its name.
func settle(name, path string) error {
	if err := os.Rename(name, path); err != nil {
		var link *os.LinkError
		if errors.As(err, &link) {
			return link.Err
		}
		return err
	}
	syncDir(filepath.Dir(path))
	return nil
}

// syncDir puts a new name on the disk, where the system can do that. Without it a power cut may bring back the old file, whole.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		d.Sync()
		d.Close()
	}
}
