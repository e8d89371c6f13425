//go:build !windows

package history

import "io/fs"

// othersMay reports whether group or world may do anything with a file.
func othersMay(info fs.FileInfo) bool { return info.Mode().Perm()&0o077 != 0 }
